import { isAhead } from '#shared/clock/ahead.ts';
import { type Attempt, isOpen } from './attempt.ts';
import type { AttemptContext } from './facts.ts';
import { deadlineOf } from './moves.ts';

/**
 * An open attempt as it would be if the clock had not been ahead when its permit was granted, or its device last heard: what is heard since
 * the clock was put back would seem to be older than that, and its deadline hours away. `heardMs` is when the first of what is to be
 * applied was heard: all of it came later than what is moved back. Any other attempt is answered as it is.
 */
export function putBack(attempt: Attempt, heardMs: number, nowMs: number, context: AttemptContext): Attempt {
  const { grantedMs, spokenMs, permitEndMs, backByMs } = attempt;
  if (!isOpen(attempt) || !(isAhead(grantedMs, nowMs) || isAhead(spokenMs, nowMs))) return attempt;
  // A message that comes days late must not end what was granted since.
  const beforeMs = Math.min(nowMs, Math.max(heardMs, nowMs - 60_000)) - 1;
  const granted = Math.min(grantedMs, beforeMs);
  const spoken = Math.min(spokenMs, beforeMs);
  const moved: Attempt = {
    ...attempt,
    grantedMs: granted,
    spokenMs: spoken,
    permitEndMs: permitEndMs - (grantedMs - granted),
    ...(backByMs !== undefined && { backByMs: backByMs - (spokenMs - spoken) }),
  };
  return { ...moved, deadlineMs: deadlineOf(moved, context) };
}
