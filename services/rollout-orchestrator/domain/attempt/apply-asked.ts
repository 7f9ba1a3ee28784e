import type { Attempt } from './attempt.ts';
import type { Applied, AskedFact, AttemptContext } from './facts.ts';
import { end, ignore, reach } from './moves.ts';

/**
 * Whether a request to begin changes an open attempt: it begins one that was granted without, or it is newer than the one that was
 * answered. The same one again, or an older one, is a copy and shows nothing, because an install may have begun on the answer.
 */
export function isNewlyAsked(
  attempt: Attempt,
  { bootId, number }: Pick<AskedFact, 'bootId' | 'number'>,
): boolean {
  if (attempt.state === 'granted') return true;
  if (attempt.state !== 'installing' || attempt.asked === undefined) return false;
  return attempt.bootId === bootId && number > attempt.asked;
}

/**
 * What a request to begin does to an open attempt of its device. One that is newer than the one that was answered shows that
 * nothing has begun: it is the one to be answered now, or the attempt is over.
 */
export function applyAsked(attempt: Attempt, asked: AskedFact, context: AttemptContext): Applied {
  if (attempt.state === 'granted') return begin(attempt, asked, context);
  if (!isNewlyAsked(attempt, asked)) return ignore(attempt, 'begun');
  if (asked.again) return { attempt: { ...attempt, asked: asked.number }, transitions: [] };
  const answered = asked.denied ? { ...attempt, asked: asked.number } : attempt;
  return end(answered, 'void', asked.atMs, { reason: 'not-begun' });
}

/** A permit that was asked for without beginning, and is asked for again by a device that begins. */
function begin(attempt: Attempt, asked: AskedFact, context: AttemptContext): Applied {
  if (attempt.withdrawn || !asked.again) return ignore(attempt, 'not-begun');
  const begun = reach(attempt, 'installing', asked, context);
  return { ...begun, attempt: { ...begun.attempt, asked: asked.number } };
}
