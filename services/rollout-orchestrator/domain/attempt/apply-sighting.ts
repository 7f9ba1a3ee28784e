import type { Attempt } from './attempt.ts';
import type { Applied, AttemptContext, SightingFact } from './facts.ts';
import { isTarget } from './is-target.ts';
import { end, ignore, interrupt, note, reach } from './moves.ts';

/**
 * What a check does to an open attempt. Proof is being seen in a boot other than the one that spoke last, running the target
 * (version, and digest where both are known), confirmed: a trial image may still revert.
 */
export function applySighting(attempt: Attempt, sighting: SightingFact, context: AttemptContext): Applied {
  if (sighting.atMs < beginOf(attempt)) return ignore(attempt, 'stale');
  if (sighting.bootId === attempt.bootId) return ignore(attempt, 'same-boot');
  if (!isTarget(sighting, attempt.target)) return seenElsewhere(attempt, sighting);
  return sighting.confirmed
    ? end(attempt, 'good', sighting.atMs, { passing: 'rebooting' })
    : tryOut(attempt, sighting, context);
}

/** What was seen before tells nothing. Who begins by asking may have left its boot between the question and the permit. */
const beginOf = ({ grantedMs, spokenMs }: Attempt): number => Math.min(grantedMs, spokenMs);

/** A trial boot: evidently rebooted, not proven; its deadline stands. */
function tryOut(attempt: Attempt, { atMs }: SightingFact, context: AttemptContext): Applied {
  if (attempt.state === 'rebooting') {
    return attempt.events.some((event) => event.what === 'trial' && event.atMs >= beginOf(attempt))
      ? ignore(attempt, 'repeated')
      : note(attempt, 'trial', atMs);
  }
  // The boot that spoke stays: the trial boot may itself become the proof once it is confirmed.
  const rebooted = reach(attempt, 'rebooting', { atMs, bootId: attempt.bootId }, context);
  return { ...note(rebooted.attempt, 'trial', atMs), transitions: rebooted.transitions };
}

/** A new boot that does not run the target: how far the install had come decides what that means. */
function seenElsewhere(attempt: Attempt, sighting: SightingFact): Applied {
  if (attempt.state === 'granted') return ignore(attempt, 'not-begun');
  const remembers = sighting.last?.attempt === attempt.id ? sighting.last.state : undefined;
  // A check that was sent before the word that the state rests on may come after it and tells nothing.
  const isLater = sighting.atMs > attempt.spokenMs;
  const saidRebooting = remembers === 'rebooting' || remembers === 'claimed';
  if (saidRebooting || (attempt.state === 'rebooting' && isLater)) return revert(attempt, sighting);
  if (!isLater) return ignore(attempt, 'stale');
  // Its report of the failure is on its way, and says more than "interrupted".
  if (remembers === 'failed') return ignore(attempt, 'awaiting-report');
  return interrupt(attempt, sighting.atMs);
}

function revert(attempt: Attempt, { version, atMs }: SightingFact): Applied {
  const passing = 'rebooting';
  if (version === attempt.from) return end(attempt, 'reverted', atMs, { passing });
  const reason = version === attempt.target.version ? 'other-digest' : 'other-version';
  return end(attempt, 'reverted', atMs, { passing, reason });
}
