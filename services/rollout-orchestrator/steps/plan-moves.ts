import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { AUTOMATIC } from '#shared/contracts/actor.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import type { Attempt } from '../domain/attempt/attempt.ts';
import type { Fact } from '../domain/attempt/facts.ts';
import { putBack } from '../domain/attempt/put-back.ts';
import { withholdBeginning } from '../domain/attempt/withhold-beginning.ts';
import { type FoldedRow, foldFacts, heardAtMs } from '../domain/counting/fold-facts.ts';
import { changeByAttempt } from '../domain/device/change-by-attempt.ts';
import type { DeviceChange, DeviceRecord, Running } from '../domain/device/device.ts';
import { FLIPS_OF_A_CLONE, isInDoubt, MOST_TAKEN_OUT } from '../domain/device/quarantine.ts';
import { seeDevice } from '../domain/device/see-device.ts';
import { UnreadableRowError } from '../domain/row/attributes.ts';
import type { AttemptRecord, AttemptStore, Move } from '../stores/attempt-store.ts';
import type { DeviceStore } from '../stores/device-store.ts';
import type { QuarantineDecision } from '../stores/quarantine-writes.ts';
import { isUnreadableDevice, type UnreadableDevice } from '../stores/unreadable-device.ts';
import { paired } from './paired.ts';
import type { ContextLookup } from './rollout-contexts.ts';

/** What was heard of one device in one batch. */
export interface Heard {
  readonly tenant: string;
  readonly deviceId: string;
  /** The rollout whose row the facts are about; without one they only concern the device. */
  readonly rollout?: string;
  readonly facts: readonly Fact[];
  /** What it was seen running, the latest of the batch. */
  readonly seen?: Running;
  /** The device as it was read for this batch, where it was. */
  readonly device?: DeviceRecord;
}

/** What could not be applied, because a row of its device, or its rollout, cannot be read. */
export interface Unreadable<One extends Heard> extends UnreadableDevice {
  readonly heard: One;
}

/** What was heard of a device whose rollout cannot be read. */
export const unreadableOf = <One extends Heard>(
  heard: One,
  unreadable: UnreadableRowError,
): Unreadable<One> => ({ tenant: heard.tenant, deviceId: heard.deviceId, unreadable, heard });

/** Everything that reading rows needs. */
interface ReadingNeeds {
  readonly attempts: AttemptStore;
  readonly devices: DeviceStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What was judged of everything that was heard. */
interface Planned<One extends Heard> {
  readonly plans: readonly Plan<One>[];
  readonly unreadable: readonly Unreadable<One>[];
  /** Why the others could not be judged. */
  readonly faults: ReadonlyMap<One, Error>;
}

/**
 * Reads the rows that were meant and judges what was heard of them, of each device for itself. A device that came along with what was
 * heard is read only where this is not the first time. Throws what the table throws.
 */
export async function planMoves<One extends Heard>(
  all: readonly One[],
  contextOf: ContextLookup,
  needs: ReadingNeeds,
  options: { readonly isFirst: boolean },
): Promise<Planned<One>> {
  const found = await read(all, needs, options);
  const unreadable = [...found.unreadable];
  const faults = new Map<One, Error>();
  const judge = async (one: Read<One>): Promise<Plan<One> | undefined> => {
    try {
      return await planOne(one, contextOf, needs);
    } catch (error) {
      if (error instanceof UnreadableRowError) unreadable.push(unreadableOf(one.heard, error));
      else faults.set(one.heard, faultOf(error));
      return undefined;
    }
  };
  const plans = (await Promise.all(found.read.map(judge))).filter((plan) => plan !== undefined);
  return { plans, unreadable, faults };
}

/** A device of which something was heard, and its row in the rollout that is meant, as they are committed. */
interface Read<One extends Heard> {
  readonly heard: One;
  readonly device: DeviceRecord;
  readonly record?: AttemptRecord;
}

async function read<One extends Heard>(
  all: readonly One[],
  { attempts, devices }: ReadingNeeds,
  { isFirst }: { readonly isFirst: boolean },
): Promise<{ readonly read: Read<One>[]; readonly unreadable: Unreadable<One>[] }> {
  const unread = all.filter(({ device }) => !isFirst || device === undefined);
  const deviceOf = new Map(paired(unread, await devices.readAll(unread)));
  const read: Read<One>[] = [];
  const unreadable: Unreadable<One>[] = [];
  for (const heard of all) {
    const device = deviceOf.get(heard) ?? heard.device;
    if (device === undefined) continue;
    if (!isUnreadableDevice(device)) read.push({ heard, device });
    else unreadable.push({ ...device, heard });
  }
  const named = read.flatMap((one) =>
    one.heard.rollout === undefined ? [] : [{ ...one, rollout: one.heard.rollout }],
  );
  const rows = await attempts.readAll(named);
  const rowOf = new Map(paired(named, rows).map(([{ heard }, row]) => [heard, row]));
  const whole = read.flatMap((one): Read<One>[] => {
    const record = rowOf.get(one.heard);
    if (record === undefined) return [one];
    if (!isUnreadableDevice(record)) return [{ ...one, record }];
    unreadable.push({ ...record, heard: one.heard });
    return [];
  });
  return { read: whole, unreadable };
}

/** What is to be written because of what was heard; nothing of a row where there is no `move`. */
export interface Plan<One extends Heard = Heard> extends Read<One> {
  readonly change: DeviceChange;
  readonly move?: Move;
  /** What it was heard to say puts the device in quarantine. */
  readonly quarantine?: QuarantineDecision;
}

async function planOne<One extends Heard>(
  { heard, device, record }: Read<One>,
  contextOf: ContextLookup,
  needs: ReadingNeeds,
): Promise<Plan<One>> {
  const nowMs = needs.clock.now();
  const change = heard.seen === undefined ? {} : seeDevice(device, heard.seen, nowMs);
  const context = record?.attempt && (await contextOf(record.rollout, record.tenant));
  const entered = change.quarantined ? quarantineNow(needs) : undefined;
  if (record?.attempt === undefined || context === undefined)
    return { heard, device, change, ...(entered && { quarantine: entered }) };
  const attempt = putBack(record.attempt, Math.min(...heard.facts.map(heardAtMs)), nowMs, context);
  const quarantine = entered && (await takingOut(entered, device, { ...record, attempt }, needs));
  // Nobody knows which of two devices it is that would begin.
  const facts = device.quarantined || entered ? withholdBeginning(heard.facts) : heard.facts;
  const doubt = quarantine?.takesOut && doubtOf(attempt, quarantine.atMs);
  const fold = foldFacts(attempt, doubt ? [doubt, ...facts] : facts, context);
  return planMove({ heard, device, change, record, ...(quarantine && { quarantine }) }, fold);
}

const doubtOf = ({ id: attempt }: Attempt, atMs: number): Fact => ({ fact: 'quarantined', attempt, atMs });

const quarantineNow = ({ clock, ids }: ReadingNeeds): QuarantineDecision => ({
  id: ids.next(),
  atMs: clock.now(),
  actor: AUTOMATIC,
  reason: `two boots of it have spoken in turns, ${FLIPS_OF_A_CLONE} times over: two devices use its identity`,
});

/** The decision, and that it takes the attempt out of the evidence: where that is in doubt, and not too many of its rollout were before. */
async function takingOut(
  decision: QuarantineDecision,
  device: DeviceRecord,
  { rollout, attempt }: { readonly rollout: string; readonly attempt: Attempt },
  { attempts, ids }: ReadingNeeds,
): Promise<QuarantineDecision> {
  if (!isInDoubt(device, attempt, decision.atMs)) return decision;
  const before = await attempts.takenOut(rollout);
  return before >= MOST_TAKEN_OUT ? decision : { ...decision, takesOut: { rollout, id: ids.next(), before } };
}

function planMove<One extends Heard>(
  one: Plan<One> & { readonly record: AttemptRecord },
  { before, after, deltas }: FoldedRow,
): Plan<One> {
  const { record, device, quarantine } = one;
  if (after === before) return one;
  const change = {
    ...one.change,
    ...changeByAttempt(device, record.rollout, { before, after }, one.change.running),
  };
  const move: Move = {
    record,
    attempt: after,
    deltas,
    device: { record: device, change },
    ...(quarantine && { quarantine }),
  };
  return { ...one, change, move };
}
