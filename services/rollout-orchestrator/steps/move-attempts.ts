import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import { type Attempt, isOpen } from '../domain/attempt/attempt.ts';
import type { Fact } from '../domain/attempt/facts.ts';
import { givesBack } from '../domain/attempt/open-attempt.ts';
import { foldFacts } from '../domain/counting/fold-facts.ts';
import {
  type DeviceChange,
  type DeviceRecord,
  heldIn,
  type Running,
  staysWithDevice,
  triedWith,
} from '../domain/device/device.ts';
import { seeDevice } from '../domain/device/see-device.ts';
import {
  type AttemptRecord,
  type AttemptStore,
  isPlain,
  MOVES_PER_TRANSACTION,
  type Move,
} from '../stores/attempt-store.ts';
import type { DeviceStore } from '../stores/device-store.ts';
import { COUNTER_SHARDS } from '../stores/keys.ts';
import { isUnreadableDevice, type UnreadableDevice } from '../stores/unreadable-device.ts';
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

/** What became of it: the row as it is committed now, absent where the device has none. */
export interface Settled {
  readonly heard: Heard;
  readonly row?: AttemptRecord;
  /** Whether the row is another than before, and whether anything was counted. */
  readonly moved: boolean;
  readonly counted: boolean;
}

/** What could not be applied, because a row of its device cannot be read. */
export interface Unreadable extends UnreadableDevice {
  readonly heard: Heard;
}

/** What became of everything that was heard. */
interface Moved {
  readonly settled: readonly Settled[];
  /** Must be heard again. */
  readonly left: readonly Heard[];
  readonly unreadable: readonly Unreadable[];
}

/** Everything that moving attempts needs. */
export interface MovingNeeds {
  readonly attempts: AttemptStore;
  readonly devices: DeviceStore;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** How often a batch is read again because somebody else was quicker with one of its rows. */
const ROUNDS = 8;

/**
 * Applies facts to rows, exactly once each: rows are read consistently, what has been applied already is dropped, and row,
 * device and counters change in one transaction. Where somebody else was quicker, the row is read again and its facts are
 * judged anew. A device that cannot be read does not keep the others from being served.
 */
export async function moveAttempts(
  all: readonly Heard[],
  contextOf: ContextLookup,
  needs: MovingNeeds,
): Promise<Moved> {
  const settled: Settled[] = [];
  const unreadable: Unreadable[] = [];
  let open = all;
  for (let round = 0; round < ROUNDS && open.length > 0; round += 1) {
    const found = await read(open, needs, { isFirst: round === 0 });
    unreadable.push(...found.unreadable);
    const plans = await Promise.all(found.read.map((one) => plan(one, contextOf)));
    const overtaken: Heard[] = [];
    for (const [rollout, group] of Map.groupBy(plans, ({ heard }) => heard.rollout)) {
      for (let at = 0; at < group.length; at += MOVES_PER_TRANSACTION) {
        const part = group.slice(at, at + MOVES_PER_TRANSACTION);
        const lost = await write(rollout, part, needs);
        for (const one of part) lost.has(one) ? overtaken.push(one.heard) : settled.push(settledBy(one));
      }
    }
    open = overtaken;
  }
  return { settled, left: open, unreadable };
}

/** A device of which something was heard, and its row in the rollout that is meant, as they are committed. */
interface Read {
  readonly heard: Heard;
  readonly device: DeviceRecord;
  readonly record?: AttemptRecord;
}

async function read(
  all: readonly Heard[],
  { attempts, devices }: MovingNeeds,
  { isFirst }: { readonly isFirst: boolean },
): Promise<{ readonly read: Read[]; readonly unreadable: Unreadable[] }> {
  const unread = all.filter(({ device }) => !isFirst || device === undefined);
  const records = await devices.readAll(unread);
  const deviceOf = new Map(unread.map((heard, index) => [heard, records[index]]));
  const read: Read[] = [];
  const unreadable: Unreadable[] = [];
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
  const rowOf = new Map(named.map(({ heard }, index) => [heard, rows[index]]));
  const whole = read.flatMap((one): Read[] => {
    const record = rowOf.get(one.heard);
    if (record === undefined) return [one];
    if (!isUnreadableDevice(record)) return [{ ...one, record }];
    unreadable.push({ ...record, heard: one.heard });
    return [];
  });
  return { read: whole, unreadable };
}

interface Plan extends Read {
  readonly change: DeviceChange;
  readonly move?: Move;
}

async function plan({ heard, device, record }: Read, contextOf: ContextLookup): Promise<Plan> {
  const change = heard.seen === undefined ? {} : seeDevice(device, heard.seen);
  const context = record?.attempt && (await contextOf(record.rollout, record.tenant));
  if (record?.attempt === undefined || context === undefined) return { heard, device, change };
  const fold = foldFacts(record.attempt, heard.facts, context);
  return planMove({ heard, device, change, record }, fold);
}

function planMove(
  one: Plan & { readonly record: AttemptRecord },
  { before, after, deltas }: ReturnType<typeof foldFacts>,
): Plan {
  const { record, device } = one;
  if (after === before) return one;
  const change = { ...one.change, ...changeOfDevice(device, record.rollout, after, one.change.running) };
  return { ...one, change, move: { record, attempt: after, deltas, device: { record: device, change } } };
}

/** What a move of an attempt means for its device: it holds the attempt until that ends, and goes on holding one that is good. */
function changeOfDevice(
  device: DeviceRecord,
  rollout: string,
  attempt: Attempt,
  running: Running | undefined = device.running,
): DeviceChange {
  if (isOpen(attempt)) return { open: heldIn(rollout, attempt) };
  const used = givesBack(attempt) ? attempt.number - 1 : attempt.number;
  const isOwn = device.open?.attempt === attempt.id;
  const isMissing = (attempt.state === 'silent' || attempt.state === 'lost') && !attempt.recovered;
  return {
    ...(staysWithDevice(attempt) && { proven: heldIn(rollout, attempt) }),
    ...(isOwn && { open: null, tried: triedWith(device.tried, rollout, used) }),
    ...(attempt.state === 'good' && { floor: Math.max(device.floor, attempt.target.sequence) }),
    ...(attempt.state === 'good' &&
      running?.version === attempt.target.version && {
        running: { ...running, sequence: attempt.target.sequence },
      }),
    ...(isOwn && isMissing && { missing: { rollout, attempt: attempt.id } }),
    ...(attempt.recovered && device.missing?.attempt === attempt.id && { missing: null }),
  };
}

/** Writes a part of a batch; answers the plans that somebody else was quicker with. */
async function write(
  rollout: string | undefined,
  part: readonly Plan[],
  needs: MovingNeeds,
): Promise<Set<Plan>> {
  const lost = new Set<Plan>();
  for (const one of part) {
    if (one.move !== undefined || Object.keys(one.change).length === 0) continue;
    if (!(await needs.devices.change(one.device, one.change))) lost.add(one);
  }
  if (rollout === undefined) return lost;
  const loses = (overtaken: readonly Move[]) => {
    const moves = new Set(overtaken);
    for (const one of part) if (one.move && moves.has(one.move)) lost.add(one);
  };
  const moves = part.flatMap(({ move }) => move ?? []);
  const shard = Math.floor(needs.ids.random() * COUNTER_SHARDS);
  const plain = moves.filter(isPlain);
  if (plain.length > 0) {
    const options = { shard, token: needs.ids.next() };
    loses(await tryAgain(needs, () => needs.attempts.saveEach(rollout, plain, options)));
  }
  let moving = moves.filter((move) => !isPlain(move));
  while (moving.length > 0) {
    const options = { shard, token: needs.ids.next() };
    const some = moving;
    const result = await tryAgain(needs, () => needs.attempts.save(rollout, some, options));
    if (result.saved) break;
    const overtaken = new Set(result.overtaken);
    if (overtaken.size === 0)
      throw new ConflictError(`a transaction of ${moving.length} moves was refused without a reason`);
    loses(result.overtaken);
    moving = moving.filter((move) => !overtaken.has(move));
  }
  return lost;
}

function settledBy({ heard, record, move }: Plan): Settled {
  const row = record && { ...record, ...(move && { attempt: move.attempt }) };
  const counted = move !== undefined && Object.keys(move.deltas).length > 0;
  return { heard, moved: move !== undefined, counted, ...(row && { row }) };
}
