import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { thingOf } from '#shared/contracts/names.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { AttemptRecord, AttemptStore } from '../stores/attempt-store.ts';
import type { DeviceStore } from '../stores/device-store.ts';
import { type Heard, type Plan, planMoves, type Unreadable } from './plan-moves.ts';
import type { ContextLookup } from './rollout-contexts.ts';
import { partsOf, writePart } from './write-moves.ts';

/** What became of it: the row as it is committed now, absent where the device has none. */
export interface Settled<One extends Heard> {
  readonly heard: One;
  readonly row?: AttemptRecord;
  /** Whether the row is another than before, and whether anything was counted. */
  readonly moved: boolean;
  readonly counted: boolean;
  /** Whether it has put the device in quarantine. */
  readonly quarantined: boolean;
}

/** Everything that moving attempts needs. */
export interface MovingNeeds {
  readonly attempts: AttemptStore;
  readonly devices: DeviceStore;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** What became of a batch. */
export interface MovedAttempts<One extends Heard> {
  readonly settled: readonly Settled<One>[];
  /** What must be heard again. */
  readonly left: readonly One[];
  readonly unreadable: readonly Unreadable<One>[];
  /** Why, of those in `left` that were not just overtaken or out of time. */
  readonly faults: ReadonlyMap<One, Error>;
}

/** How often a batch is read again because somebody else was quicker with one of its rows. */
const ROUNDS = 8;
/** The part of the time that was left at the beginning which is left to what comes after. */
const KEPT_SHARE = 1 / 3;

/**
 * Applies facts to rows, exactly once each: rows are read consistently, what has been applied already is dropped, and row,
 * device and counters change in one transaction. Where somebody else was quicker, the row is read again and its facts are
 * judged anew. Each device stands for itself: a part of the batch that fails is tried once more device by device, and what fails
 * then is left. A device that cannot be read does not keep the others from being served. The answer names each by the very object that
 * was handed in. Throws what reading the table throws.
 */
export async function moveAttempts<One extends Heard>(
  all: readonly One[],
  contextOf: ContextLookup,
  needs: MovingNeeds,
  call: Pick<Call, 'remainingMs'>,
): Promise<MovedAttempts<One>> {
  const keptMs = call.remainingMs() * KEPT_SHARE;
  const hasTime = () => call.remainingMs() > keptMs;
  const settled: Settled<One>[] = [];
  const unreadable: Unreadable<One>[] = [];
  const faults = new Map<One, Error>();
  /** Those that failed together with others, and are tried by themselves now. */
  const alone = new Set<One>();
  let open = all;
  for (let round = 0; round < ROUNDS && open.length > 0 && hasTime(); round += 1) {
    const again: One[] = [];
    const { plans, ...planned } = await planMoves(open, contextOf, needs, { isFirst: round === 0 });
    unreadable.push(...planned.unreadable);
    for (const [heard, fault] of planned.faults) faults.set(heard, fault);
    for (const part of partsOf(plans, alone)) {
      if (!hasTime()) {
        again.push(...part.map(({ heard }) => heard));
        continue;
      }
      const overtaken = await tryToWrite(part, needs, hasTime);
      if (overtaken instanceof Error) {
        for (const { heard } of part) {
          if (alone.has(heard)) faults.set(heard, overtaken);
          else again.push(heard);
          alone.add(heard);
        }
        continue;
      }
      for (const plan of part) {
        if (overtaken.has(plan)) again.push(plan.heard);
        else settled.push(settledBy(plan));
      }
    }
    open = again;
  }
  return { settled, left: [...faults.keys(), ...open], unreadable, faults };
}

/** Says of each device why its facts could not be applied, and counts them. */
export function tellFaults(faults: ReadonlyMap<Heard, Error>, call: Pick<Call, 'log' | 'count'>): void {
  for (const [{ tenant, deviceId, rollout }, error] of faults) {
    const thing = thingOf(tenant, deviceId);
    call.log.error('facts of a device could not be applied', { thing, rollout, error });
  }
  if (faults.size > 0) call.count('DeviceFactsFailed', faults.size);
}

/** Writes a part of a batch; answers the plans that somebody else was quicker with, or why nothing of it is known to be written. */
async function tryToWrite(
  part: readonly Plan[],
  needs: MovingNeeds,
  hasTime: () => boolean,
): Promise<ReadonlySet<Plan> | Error> {
  try {
    return await writePart(part, needs, hasTime);
  } catch (error) {
    return faultOf(error);
  }
}

function settledBy<One extends Heard>({ heard, record, move, quarantine }: Plan<One>): Settled<One> {
  const row = record && { ...record, ...(move && { attempt: move.attempt }) };
  const counted = move !== undefined && Object.keys(move.deltas).length > 0;
  const quarantined = quarantine !== undefined;
  return { heard, moved: move !== undefined, counted, quarantined, ...(row && { row }) };
}
