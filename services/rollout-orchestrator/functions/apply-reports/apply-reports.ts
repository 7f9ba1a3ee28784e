import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { sendAll } from '#shared/capabilities/send-all.ts';
import type { PermitAnswer } from '#shared/contracts/device/permit.ts';
import type { Ack } from '#shared/contracts/device/report.ts';
import { downTopic } from '#shared/contracts/device/topics.ts';
import { thingOf } from '#shared/contracts/names.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import type { Call } from '#shared/lambda/call.ts';
import { type DeviceMessage, ruleEventOf } from '#shared/lambda/device-message.ts';
import type { BatchOutcome, QueuedDeviceMessage } from '#shared/lambda/on-device-batch.ts';
import type { Fact } from '../../domain/attempt/facts.ts';
import { runningSaid } from '../../domain/device/check-says.ts';
import { rolloutOfSighting } from '../../domain/device/rollout-of-sighting.ts';
import { isWorthTelling } from '../../domain/device/see-device.ts';
import { type MovingNeeds, moveAttempts, type Settled } from '../../steps/move-attempts.ts';
import type { Heard, Unreadable } from '../../steps/plan-moves.ts';
import { contextLookup } from '../../steps/rollout-contexts.ts';
import { tellUnreadable } from '../../steps/tell-unreadable.ts';
import { wake } from '../../steps/wake.ts';
import type { GateStore } from '../../stores/gate-store.ts';
import type { HearingStore } from '../../stores/hearing-store.ts';
import type { RolloutStore } from '../../stores/rollout-store.ts';
import { isUnreadableDevice } from '../../stores/unreadable-device.ts';
import {
  type DeviceFact,
  factsOf,
  isReport,
  isSighting,
  type ReportMessage,
  runningOf,
  type SightingMessage,
} from './device-fact.ts';
import { type HandOverNeeds, handOver } from './hand-over.ts';
import { PutBack } from './put-back.ts';

interface Needs extends MovingNeeds, HandOverNeeds {
  readonly rollouts: RolloutStore;
  readonly gates: GateStore;
  readonly hearing: HearingStore;
  readonly link: DeviceLink;
  readonly advance: Queue;
  readonly silence: Queue;
}

type Message = DeviceMessage<DeviceFact>;

/** SQS leaves out of the age of a queue what was received so often and is still there ("Available CloudWatch metrics"). */
const LEFT_OUT_OF_AGE = 3;

/** What was heard of one device about one rollout, with the messages that said it. */
interface HeardFrom extends Heard {
  readonly messages: readonly Message[];
  /** An install that has not begun asks to begin, and the rollout no longer runs. */
  readonly withdraw: boolean;
}

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
  const heard = await judge(await group(messages, needs), needs, putBack);
  for (const { rollout, messages: own } of heard) {
    const reports = own.filter(isReport).length;
    if (reports > 0) call.concerns('report', rollout, reports);
    if (reports < own.length) {
      call.concerns(rollout === undefined ? 'news' : 'proof', rollout, own.length - reports);
    }
  }
  const { settled, left, unreadable, faults } = await moveAttempts(
    heard,
    contextLookup(needs.rollouts),
    needs,
    call,
  );
  const from = new Map<Heard, HeardFrom>(heard.map((one) => [one, one]));
  for (const one of left) putBack.add(from.get(one)?.messages ?? [], faults.get(one));
  await tell(settled, needs);
  // Before any answer: what is acknowledged must be on its way into the raw log.
  await handOver(takenReports(settled, from), needs, call);
  for (const one of settled) {
    const own = from.get(one.heard);
    try {
      await answer(one, own, needs);
    } catch (error) {
      putBack.add(own?.messages ?? [], faultOf(error));
    }
  }
  await putAside(unreadable, from, needs, call);
  call.count('AttemptsMoved', settled.filter(({ counted }) => counted).length);
  putBack.throwWhereAll(messages.length);
  return { retry: putBack.messages, refused: refusalsOf(settled, from) };
}

/**
 * Puts together what concerns one row: reports by their rollout, sightings by the attempt that waits for them. Devices send their
 * proofs here themselves: those that tell nothing, and of devices that nobody knows, are left out.
 */
async function group(all: readonly Message[], { devices }: Needs): Promise<HeardFrom[]> {
  const sightings = all.filter(isSighting);
  const records = await devices.readAll(sightings);
  const deviceOf = new Map(sightings.map(({ thing }, index) => [thing, records[index]]));
  const isTelling = ({ thing, body }: SightingMessage): boolean => {
    const device = deviceOf.get(thing);
    // What a device tells that cannot be read just now, nobody can know.
    return device !== undefined && (isUnreadableDevice(device) || isWorthTelling(device, runningSaid(body)));
  };
  const messages = all.filter((message) => !isSighting(message) || isTelling(message));
  const rolloutOf = new Map(
    sightings.map((message) => {
      const device = deviceOf.get(message.thing);
      const known = device !== undefined && !isUnreadableDevice(device) ? device : {};
      return [message as Message, rolloutOfSighting(known, message.body.last)];
    }),
  );
  const groups = Map.groupBy(messages, (message) => {
    const rollout = isReport(message) ? message.body.rollout : rolloutOf.get(message);
    return `${rollout ?? ''} ${message.thing}`;
  });
  return [...groups].map(([key, own]) => {
    const rollout = key.slice(0, key.indexOf(' '));
    // A group has at least the message that made it.
    const { tenant, deviceId, thing } = own[0] as Message;
    const device = deviceOf.get(thing);
    const seen = own
      .filter(isSighting)
      .map(runningOf)
      .reduce<Heard['seen']>((last, one) => (last && last.seenAtMs > one.seenAtMs ? last : one), undefined);
    return {
      tenant,
      deviceId,
      facts: own.flatMap(factsOf),
      messages: own,
      withdraw: false,
      ...(rollout !== '' && { rollout }),
      ...(seen && { seen }),
      ...(device && !isUnreadableDevice(device) && { device }),
    };
  });
}

/**
 * Takes "installing" out where the rollout no longer runs and nothing says that the install has begun already; puts back what asks
 * to begin in one whose gate cannot be read.
 */
async function judge(groups: readonly HeardFrom[], { gates }: Needs, putBack: PutBack): Promise<HeardFrom[]> {
  const asking = new Set(groups.filter(asksToBegin).flatMap(({ rollout }) => rollout ?? []));
  const stopped = new Set<string>();
  const unreadable = new Map<string, Error>();
  for (const rollout of asking) {
    try {
      if ((await gates.life(rollout))?.state !== 'running') stopped.add(rollout);
    } catch (error) {
      unreadable.set(rollout, faultOf(error));
    }
  }
  return groups.flatMap((one) => {
    const fault = asksToBegin(one) ? unreadable.get(one.rollout ?? '') : undefined;
    if (fault !== undefined) {
      putBack.add(one.messages, fault);
      return [];
    }
    if (one.rollout === undefined || !stopped.has(one.rollout) || !asksToBegin(one)) return one;
    const facts = one.facts.map((fact): Fact => {
      if (fact.fact !== 'report' || fact.state !== 'installing') return fact;
      return { fact: 'withdrawn', attempt: fact.attempt, atMs: fact.atMs };
    });
    return { ...one, facts, withdraw: true };
  });
}

function asksToBegin({ facts }: Heard): boolean {
  const states = facts.flatMap((fact) => (fact.fact === 'report' ? [fact.state] : []));
  return (
    states.includes('installing') && !states.some((state) => state === 'rebooting' || state === 'failed')
  );
}

/**
 * Puts what devices say that cannot be read with the dead letters, where an alarm sees it. Delivered again, it would be old and unread:
 * as long as there are such reports nobody is silent, and one device would keep all others from being scored.
 */
async function putAside(
  unreadable: readonly Unreadable[],
  from: ReadonlyMap<Heard, HeardFrom>,
  { deadLetters }: Needs,
  call: Call,
): Promise<void> {
  const messages = unreadable.flatMap(({ heard }) => from.get(heard)?.messages ?? []);
  if (messages.length === 0) return;
  tellUnreadable(unreadable, call);
  await sendAll(
    deadLetters,
    messages.map((message) => ({ body: JSON.stringify(ruleEventOf(message)) })),
  );
}

/** Reports of an attempt that was never granted to this device: final, because a permit is durable before it is told. */
function refusalsOf(
  settled: readonly Settled[],
  from: ReadonlyMap<Heard, HeardFrom>,
): NonNullable<BatchOutcome<DeviceFact>['refused']> {
  const unknown = settled.filter(({ row }) => row?.attempt === undefined);
  const reports = unknown.flatMap(({ heard }) => from.get(heard)?.messages.filter(isReport) ?? []);
  const error = new RefusedError('attempt', 'must be an attempt that was granted to this device');
  return reports.map((message) => ({ message, error }));
}

/** The reports that moved an attempt, or could have. */
function takenReports(
  settled: readonly Settled[],
  from: ReadonlyMap<Heard, HeardFrom>,
): readonly ReportMessage[] {
  const taken = settled.filter(({ row }) => row?.attempt !== undefined);
  return taken.flatMap(({ heard }) => from.get(heard)?.messages.filter(isReport) ?? []);
}

/** Acknowledges reports that are committed, or tells the device that its permit was taken back. */
async function answer({ row }: Settled, from: HeardFrom | undefined, { link }: Needs): Promise<void> {
  if (from === undefined || row?.attempt === undefined) return;
  // Who leaves hears no answer; what it said is said again by its next check.
  const reports = from.messages.filter(isReport).filter(({ body }) => body.leaving !== true);
  const begun = row.attempt.reached !== 'granted';
  for (const [attempt, own] of Map.groupBy(reports, ({ body }) => body.attempt)) {
    const thing = thingOf(from.tenant, from.deviceId);
    // An install may begin only on an acknowledgement, and none is given for a permit that is over or was taken back.
    if (!begun && (from.withdraw || asksToBegin(from))) {
      await link.publish(downTopic(thing, 'permit'), encode(withdrawal(own, attempt)));
      continue;
    }
    const ackSeq = Math.max(...own.flatMap(({ body }) => body.events.map(({ seq }) => seq)));
    await link.publish(downTopic(thing, 'ack'), encode({ v: 1, attempt, ackSeq } satisfies Ack));
  }
}

function withdrawal(reports: readonly ReportMessage[], attempt: string): PermitAnswer {
  // Reports of one attempt name the rollout that it belongs to.
  const { rollout } = (reports[0] as ReportMessage).body;
  return { v: 1, rollout, attempt, answer: 'withdrawn', why: 'the permit is over' };
}

/** Asks for a look at rollouts whose evidence changed, and at silence when it falls due. */
async function tell(settled: readonly Settled[], { advance, silence, clock }: Needs): Promise<void> {
  const nowMs = clock.now();
  await wake(
    advance,
    settled.flatMap(({ row, counted }) => (row && counted ? [{ rollout: row.rollout, atMs: nowMs }] : [])),
    nowMs,
  );
  const deadlines = settled.flatMap(({ row, moved }) => {
    const { deadlineMs } = row?.attempt ?? {};
    return row && moved && deadlineMs !== undefined ? [{ rollout: row.rollout, atMs: deadlineMs }] : [];
  });
  await wake(silence, deadlines, nowMs);
}

const encode = (message: Ack | PermitAnswer): Uint8Array => Buffer.from(JSON.stringify(message));
