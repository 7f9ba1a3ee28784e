import { RefusedError } from '#shared/errors/errors.ts';
import { retry } from '#shared/retry/retry.ts';
import { pause, type World } from '#shared/world/world.ts';
import { MOST_CONNECTIONS, NOTHING_DONE } from '../api-client.ts';
import { ApiError, FailedError, UnreachableError } from '../errors.ts';
import { Pace } from './pace.ts';

/** How a bulk run goes. */
export interface BulkOptions {
  readonly world: World;
  /** Writes that begin in a second, at most. */
  readonly perSecond: number;
  /** Begins nothing more once aborted; what is on its way is brought to its end. */
  readonly stop: AbortSignal;
  readonly onProgress: (progress: BulkProgress) => void;
}

/** How far a bulk run is. */
export interface BulkProgress {
  /** Items that ended, whichever way. */
  readonly ended: number;
  readonly failed: number;
  readonly total: number;
}

/** What the work on one item may do. */
export interface Turn {
  /** Makes a call of the backend that is at its turn: waits for the pace, tries again while that may help. */
  readonly write: <T>(call: () => Promise<T>) => Promise<T>;
  /** The same for a call that changes nothing: a hundred a second may begin, and as many as writes where those are more. */
  readonly read: <T>(call: () => Promise<T>) => Promise<T>;
}

/** `already`: there was nothing to do. */
export type Outcome = 'done' | 'already';

/** How a bulk run ended. */
export interface BulkResult<Item> {
  readonly done: number;
  readonly already: number;
  readonly failed: readonly { readonly item: Item; readonly error: unknown }[];
  /** Items that were not begun, in the order of the list. */
  readonly notTried: readonly Item[];
  /** What made going on useless, where something did: the backend is away, this person may not, the disk is full. */
  readonly endedBy: unknown;
}

/** Half of what the API on AWS takes for everybody (docs/operations.md). */
const READS_PER_SECOND = 100;
/** About half a minute: a backend may be started again in between. */
const PATIENCE = { tries: 9, firstPauseMs: 500, longestPauseMs: 8_000 };
/** So many items in a row that failed because the backend does not work are not the items' fault. */
const MOST_FAULTS_IN_A_ROW = 2 * MOST_CONNECTIONS;

/**
 * Does `each` for all items, a few at a time and no faster than told. What `each` throws fails its item, and the run goes on, unless
 * nothing can come of that. Throws nothing. Every item may have been begun by an earlier run: `each` must be fit to be repeated.
 */
export async function runBulk<Item>(
  items: readonly Item[],
  each: (item: Item, turn: Turn) => Promise<Outcome>,
  { world, perSecond, stop, onProgress }: BulkOptions,
): Promise<BulkResult<Item>> {
  const writes = new Pace(perSecond, world);
  const reads = new Pace(Math.max(perSecond, READS_PER_SECOND), world);
  const count = { done: 0, already: 0 };
  const failed: { item: Item; error: unknown }[] = [];
  const waiting = items.entries();
  const notTried = new Set(items);
  let faultsInARow = 0;
  let endedBy: unknown;

  const needs = {
    clock: { pause: (delayMs: number) => pause(world, delayMs) },
    ids: { random: () => world.random() },
  };
  const goesOn = () => !stop.aborted && endedBy === undefined;
  const patiently = <T>(call: () => Promise<T>) =>
    retry(call, PATIENCE, (error) => goesOn() && mayPass(error), needs);
  const turn: Turn = {
    read: (call) =>
      patiently(async () => {
        await reads.turn();
        return call();
      }),
    write: (call) => {
      let isBegun = false;
      return patiently(async () => {
        await writes.turn();
        if (!isBegun && !goesOn()) throw new NotBegun();
        isBegun = true;
        return call();
      });
    },
  };

  const worker = async () => {
    for (const [, item] of waiting) {
      if (!goesOn()) return;
      notTried.delete(item);
      try {
        count[await each(item, turn)]++;
        faultsInARow = 0;
      } catch (error) {
        if (error instanceof NotBegun) return void notTried.add(item);
        failed.push({ item, error });
        faultsInARow = isFault(error) ? faultsInARow + 1 : 0;
        if (endsAll(error) || faultsInARow >= MOST_FAULTS_IN_A_ROW) endedBy ??= error;
      }
      onProgress({ ended: items.length - notTried.size, failed: failed.length, total: items.length });
    }
  };
  await Promise.all(Array.from({ length: MOST_CONNECTIONS }, worker));
  return { ...count, failed, notTried: items.filter((item) => notTried.has(item)), endedBy };
}

/** The run ended while an item waited for its turn. */
class NotBegun extends Error {}

/** Whether another try may go better: the connection or the backend failed, not the request. */
function mayPass(error: unknown): boolean {
  return error instanceof UnreachableError || isFault(error);
}

/** The backend did not do its work. */
function isFault(error: unknown): boolean {
  return (
    error instanceof ApiError && (error.status >= 500 || error.status === 429 || NOTHING_DONE.has(error.code))
  );
}

/** Whether the next item would fail in the same way: only what was said of this very item would not. */
function endsAll(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 401 || error.status === 403;
  return !(error instanceof FailedError || error instanceof RefusedError);
}
