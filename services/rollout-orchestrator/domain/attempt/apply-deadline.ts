import type { Attempt } from './attempt.ts';
import type { Applied, AttemptContext, DeadlineFact } from './facts.ts';
import { deadlineOf, end, ignore } from './moves.ts';

/**
 * Scores silence once an attempt's deadline has passed: void where no install began; lost where one began and never said
 * "rebooting"; silent where it did, or where the device promised to say nothing before its next boot. While the backend could not
 * have heard, no clock runs: there is a grace from when it could again, and nothing is scored while a report from before the deadline
 * may be unread.
 */
export function applyDeadline(attempt: Attempt, fact: DeadlineFact, context: AttemptContext): Applied {
  const deadlineMs = silenceEndsMs(attempt, fact.resumedAtMs, context);
  if (fact.nowMs < deadlineMs) return ignore(attempt, 'not-due');
  if (fact.oldestUnreadMs !== undefined && fact.oldestUnreadMs <= deadlineMs) {
    return ignore(attempt, 'unread-reports');
  }
  switch (attempt.reached) {
    case 'granted':
      return end(attempt, 'void', deadlineMs, { reason: attempt.withdrawn ? 'withdrawn' : 'permit-expired' });
    case 'installing':
      return end(attempt, attempt.promised ? 'silent' : 'lost', deadlineMs);
    case 'rebooting':
      return end(attempt, 'silent', deadlineMs);
  }
}

/**
 * The deadline that counts, in milliseconds since 1970: the row's own, or where the backend was deaf in between, a full
 * `silentAfter` plus the time that devices take to connect again.
 */
export function silenceEndsMs(
  attempt: Attempt,
  resumedAtMs: number | undefined,
  context: AttemptContext,
): number {
  const ownMs = attempt.deadlineMs ?? deadlineOf(attempt, context);
  if (resumedAtMs === undefined) return ownMs;
  return Math.max(ownMs, resumedAtMs + context.silentAfterMs + context.reconnectJitterMs);
}
