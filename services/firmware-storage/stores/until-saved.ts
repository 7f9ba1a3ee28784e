import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Table, TransactWrite } from '#shared/capabilities/table.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import { retryStale } from '#shared/retry/retry-stale.ts';

/** What it takes to write where others may be writing too. */
export interface SaveNeeds {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A release has at most 8 artifacts, so at most so many verdicts meet on it; one of them wins every round. */
const PATIENCE = { tries: 12, firstPauseMs: 10, longestPauseMs: 640 };

/**
 * Writes all or nothing. `stale` when a condition did not hold or somebody is just writing there: read again, decide anew.
 * `token` must be new for every try.
 */
export async function saveOrStale(
  table: Table,
  writes: readonly TransactWrite[],
  token: string,
): Promise<'saved' | 'stale'> {
  try {
    const { outcome } = await table.transact(writes, { token });
    return outcome === 'written' ? 'saved' : 'stale';
  } catch (error) {
    if (error instanceof ConflictError) return 'stale';
    throw error;
  }
}

/** Reads, decides and saves (all of that is `attempt`) until the save is not stale. Throws `ConflictError` after 12 tries. */
export function untilSaved<T>(attempt: () => Promise<T | 'stale'>, needs: SaveNeeds): Promise<T> {
  return retryStale(attempt, PATIENCE, needs, `others kept writing there through ${PATIENCE.tries} tries`);
}
