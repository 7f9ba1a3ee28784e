import { ConflictError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import { type RetryNeeds, retry } from '#shared/retry/retry.ts';

const PATIENCE = { tries: 7, firstPauseMs: 40 };

/**
 * Runs an idempotent call again after a conflict or an answer that was lost; the last error goes up. `call` must carry the
 * same transaction token each time. A throttle goes up at once: the client on AWS has tried it three times by then (a
 * transaction of which an item was throttled: once), and whatever started the function delivers or asks again.
 */
export function tryAgain<T>(needs: RetryNeeds, call: () => Promise<T>): Promise<T> {
  return retry(call, PATIENCE, mayPass, needs);
}

const mayPass = (thrown: unknown): boolean =>
  thrown instanceof ConflictError || thrown instanceof UnknownOutcomeError;
