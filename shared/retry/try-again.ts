import { ConflictError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import type { Call } from '#shared/lambda/call.ts';
import { type RetryNeeds, retry } from './retry.ts';

const PATIENCE = { tries: 7, firstPauseMs: 40 };
/** What remains of a time-out when nothing is tried again any more: more than one call with its pause takes. */
const STOP_MS = 7_000;

/**
 * Runs an idempotent call again after a conflict or an answer that was lost, as long as there is time; the last error goes up.
 * `call` must carry the same transaction token each time. A throttle goes up at once: the client on AWS has tried it three
 * times by then, over half a second, and more tries would only add to what is too much; whatever started the function delivers
 * or asks again.
 */
export function tryAgain<T>(
  needs: RetryNeeds,
  call: () => Promise<T>,
  hasTime: () => boolean = () => true,
): Promise<T> {
  return retry(call, PATIENCE, (thrown) => mayPass(thrown) && hasTime(), needs);
}

const mayPass = (thrown: unknown): boolean =>
  thrown instanceof ConflictError || thrown instanceof UnknownOutcomeError;

/** Whether an invocation has time for another try, and for what it does after it. */
export const hasTimeIn = (call: Pick<Call, 'remainingMs'>) => (): boolean => call.remainingMs() > STOP_MS;
