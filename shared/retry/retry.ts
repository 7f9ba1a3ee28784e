import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';

/** What it takes to wait for a random time. */
export interface RetryNeeds {
  readonly clock: Pick<Clock, 'pause'>;
  readonly ids: Pick<Ids, 'random'>;
}

/** How often something is tried, and how long the pauses in between may be. */
export interface Patience {
  /** All tries, the first one included; at least 1. */
  readonly tries: number;
  /** Upper bound of the first pause; that of each further one is twice as high. */
  readonly firstPauseMs: number;
  /** No pause is longer than this; without it they grow through all tries. */
  readonly longestPauseMs?: number;
}

/**
 * Calls until it does not throw, at most `tries` times, as long as `mayPass` says of what was thrown that another try is safe
 * and may help. Throws what was thrown last.
 */
export async function retry<T>(
  call: () => Promise<T>,
  { tries, firstPauseMs, longestPauseMs = Number.POSITIVE_INFINITY }: Patience,
  mayPass: (thrown: unknown) => boolean,
  { clock, ids }: RetryNeeds,
): Promise<T> {
  let boundMs = Math.min(firstPauseMs, longestPauseMs);
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await call();
    } catch (error) {
      if (left <= 0 || !mayPass(error)) throw error;
    }
    // Full jitter: those who met must not come back together.
    await clock.pause(ids.random() * boundMs);
    boundMs = Math.min(boundMs * 2, longestPauseMs);
  }
}
