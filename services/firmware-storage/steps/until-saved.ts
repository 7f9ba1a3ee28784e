import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { retryStale } from '#shared/retry/retry-stale.ts';

/** What it takes to write where others may be writing too. */
export interface SaveNeeds {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A release has at most 8 artifacts, so at most so many verdicts meet on it; one of them wins every round. */
const PATIENCE = { tries: 12, firstPauseMs: 10, longestPauseMs: 640 };

/** Reads, decides and saves (all of that is `attempt`) until the save is not stale. Throws `ConflictError` after 12 tries. */
export function untilSaved<T>(attempt: () => Promise<T | 'stale'>, needs: SaveNeeds): Promise<T> {
  return retryStale(attempt, PATIENCE, needs, `others kept writing there through ${PATIENCE.tries} tries`);
}
