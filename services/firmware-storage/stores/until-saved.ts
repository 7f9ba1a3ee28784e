import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Table, TransactWrite } from '#shared/capabilities/table.ts';
import { ConflictError } from '#shared/errors/errors.ts';

/** What it takes to write where others may be writing too. */
export interface SaveNeeds {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A release has at most 8 artifacts, so at most so many verdicts meet on it; one of them wins every round. */
const TRIES = 12;
const LONGEST_FIRST_PAUSE_MS = 10;

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
export async function untilSaved<T>(
  attempt: () => Promise<T | 'stale'>,
  { clock, ids }: SaveNeeds,
): Promise<T> {
  for (let tries = 0; tries < TRIES; tries++) {
    const saved = await attempt();
    if (saved !== 'stale') return saved;
    // Exponential with full jitter, so that those who met do not meet again.
    await clock.pause(Math.ceil(ids.random() * LONGEST_FIRST_PAUSE_MS * 2 ** Math.min(tries, 6)));
  }
  throw new ConflictError(`others kept writing there through ${TRIES} tries`);
}
