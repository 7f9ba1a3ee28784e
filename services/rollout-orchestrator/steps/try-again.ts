import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { ConflictError, UnknownOutcomeError } from '#shared/errors/errors.ts';

/** First wait after a conflict; each further one is twice as long, with full jitter. */
const FIRST_WAIT_MS = 20;
const TRIES = 7;

/**
 * Runs an idempotent call again after a conflict, a throttle or an answer that was lost, with growing waits of random
 * length; the last error goes up. `call` must carry the same transaction token each time.
 */
export async function tryAgain<T>(
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const mayPass = error instanceof ConflictError || error instanceof UnknownOutcomeError;
      if (!mayPass || attempt === TRIES) throw error;
      await clock.pause(ids.random() * FIRST_WAIT_MS * 2 ** attempt);
    }
  }
}
