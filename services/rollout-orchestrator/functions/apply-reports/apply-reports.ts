import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { sendAll } from '#shared/capabilities/send-all.ts';
import { thingOf } from '#shared/contracts/names.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import type { Call } from '#shared/lambda/call.ts';
import { ruleEventOf } from '#shared/lambda/device-message.ts';
import type { BatchOutcome, QueuedDeviceMessage } from '#shared/lambda/on-device-batch.ts';
import { awayUnlessAhead, type TimesAway } from '../../domain/clock/away.ts';
import { UnreadableRowError } from '../../domain/row/attributes.ts';
import { type MovingNeeds, moveAttempts, type Settled } from '../../steps/move-attempts.ts';
import type { Unreadable } from '../../steps/plan-moves.ts';
import { contextLookup } from '../../steps/rollout-contexts.ts';
import { tellUnreadable } from '../../steps/tell-unreadable.ts';
import { wake, wakeNow } from '../../steps/wake.ts';
import type { GateStore } from '../../stores/gate-store.ts';
import type { HearingStore } from '../../stores/hearing-store.ts';
import type { RolloutStore } from '../../stores/rollout-store.ts';
import { acknowledge } from './acknowledge.ts';
import { type DeviceFact, isReport, type ReportMessage } from './device-fact.ts';
import { type HandOverNeeds, handOver } from './hand-over.ts';
import { type HeardFrom, hear } from './heard-from.ts';
import { PutBack } from './put-back.ts';
import { withholdInstalls } from './withhold-installs.ts';

interface Needs extends MovingNeeds, HandOverNeeds {
  readonly rollouts: RolloutStore;
  readonly gates: GateStore;
  readonly hearing: HearingStore;
  readonly link: DeviceLink;
  readonly advance: Queue;
  readonly silence: Queue;
}

/** SQS leaves out of the age of a queue what was received so often and is still there ("Available CloudWatch metrics"). */
const LEFT_OUT_OF_AGE = 3;

/**
 * Moves attempts on by what devices report and by how they are seen, exactly once each. An acknowledgement goes out only for
 * what is committed and handed over for the raw log; "installing" is not acknowledged once the rollout has stopped, so that an
 * install that did not begin never begins.
 */
export async function applyReports(
  messages: readonly QueuedDeviceMessage<DeviceFact>[],
  needs: Needs,
  call: Call,
): Promise<BatchOutcome<DeviceFact>> {
  // As long as nobody can tell how old the oldest unread report is, no device is silent.
  if (messages.some(({ receiveCount }) => receiveCount >= LEFT_OUT_OF_AGE))
    await needs.hearing.interrupted(needs.clock.now());
  const putBack = new PutBack(call);
  const { heard, withheld } = await withholdInstalls(
    await hear(messages, needs.devices),
    needs.gates,
    putBack,
  );
  for (const { rollout, messages: own } of heard) {
    const reports = own.filter(isReport).length;
    if (reports > 0) call.concerns('report', rollout, reports);
    if (reports < own.length) {
      call.concerns(rollout === undefined ? 'news' : 'proof', rollout, own.length - reports);
    }
  }
  const contextOf = contextLookup(needs.rollouts, await awayFor(heard, needs));
  const { settled, left, unreadable, faults } = await moveAttempts(heard, contextOf, needs, call);
  for (const one of left) putBack.add(one.messages, faults.get(one));
  await wakeFor(settled, needs);
  // Before any answer: what is acknowledged must be on its way into the raw log.
  await handOver(settled.filter(isTaken).flatMap(reportsOf), needs, call);
  for (const one of settled) {
    try {
      await acknowledge(one, needs.link);
    } catch (error) {
      putBack.add(one.heard.messages, faultOf(error));
    }
  }
  await putAside([...withheld, ...unreadable], needs, call);
  tellQuarantined(settled, call);
  call.count('AttemptsMoved', settled.filter(({ counted }) => counted).length);
  putBack.throwWhereAll(messages.length);
  return { retry: putBack.messages, refused: refusalsOf(settled) };
}

/**
 * When devices could not be heard: read only where something may be a proof, whose delay it tells. Where that cannot be read, which
 * pauses the rollouts that are looked at, reports go on: a delay then counts in full, and lets fewer permits through.
 */
async function awayFor(
  heard: readonly HeardFrom[],
  { hearing, clock }: Needs,
): Promise<TimesAway | undefined> {
  const isProof = ({ rollout, facts }: HeardFrom) =>
    rollout !== undefined && facts.some(({ fact }) => fact === 'sighting');
  if (!heard.some(isProof)) return undefined;
  try {
    return awayUnlessAhead(await hearing.timesAway(), clock.now());
  } catch (error) {
    if (error instanceof UnreadableRowError) return undefined;
    throw error;
  }
}

/**
 * Puts what devices say that cannot be read, or of rollouts that cannot be, with the dead letters, where an alarm sees it. Delivered
 * again, it would be old and unread: as long as there are such reports nobody is silent, and one device, or one tenant's rollout, would
 * keep all others from being scored. Their own silence is scored by nobody who cannot read them either.
 */
async function putAside(
  unreadable: readonly Unreadable<HeardFrom>[],
  { deadLetters }: Needs,
  call: Call,
): Promise<void> {
  const messages = unreadable.flatMap(({ heard }) => heard.messages);
  if (messages.length === 0) return;
  tellUnreadable(unreadable, call);
  await sendAll(
    deadLetters,
    messages.map((message) => ({ body: JSON.stringify(ruleEventOf(message)) })),
  );
}

type SettledFrom = Settled<HeardFrom>;

/** Two devices use one identity, perhaps somebody's who copied it: operators are told at once. */
function tellQuarantined(settled: readonly SettledFrom[], call: Call): void {
  for (const { heard, quarantined } of settled) {
    if (!quarantined) continue;
    call.log.warn('two devices use one identity: it is in quarantine', {
      thing: thingOf(heard.tenant, heard.deviceId),
    });
    call.count('DeviceQuarantined');
  }
}

/** Whether reports moved an attempt, or could have. */
const isTaken = ({ row }: SettledFrom): boolean => row?.attempt !== undefined;

const reportsOf = ({ heard }: SettledFrom): readonly ReportMessage[] => heard.messages.filter(isReport);

/** Reports of an attempt that was never granted to this device: final, because a permit is durable before it is told. */
function refusalsOf(settled: readonly SettledFrom[]): NonNullable<BatchOutcome<DeviceFact>['refused']> {
  const reports = settled.filter((one) => !isTaken(one)).flatMap(reportsOf);
  const error = new RefusedError('attempt', 'must be an attempt that was granted to this device');
  return reports.map((message) => ({ message, error }));
}

/** Asks for a look at rollouts whose evidence changed, and at silence when it falls due. */
async function wakeFor(settled: readonly SettledFrom[], { advance, silence, clock }: Needs): Promise<void> {
  const changed = settled.flatMap(({ row, counted }) => (row && counted ? [row.rollout] : []));
  await wakeNow(advance, changed);
  const deadlines = settled.flatMap(({ row, moved }) => {
    const { deadlineMs } = row?.attempt ?? {};
    return row && moved && deadlineMs !== undefined ? [{ rollout: row.rollout, atMs: deadlineMs }] : [];
  });
  await wake(silence, deadlines, clock.now());
}
