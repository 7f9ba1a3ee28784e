import { applyAsked } from './apply-asked.ts';
import { applyDeadline } from './apply-deadline.ts';
import { applyReport } from './apply-report.ts';
import { applySighting } from './apply-sighting.ts';
import { type Attempt, isOpen } from './attempt.ts';
import type { Applied, AttemptContext, Fact, ReportFact, SightingFact } from './facts.ts';
import { isTarget } from './is-target.ts';
import { deadlineOf, ignore, LONGEST_AWAY_MS, note } from './moves.ts';
import { endKindOf, isBad } from './tally.ts';
import { withEvent } from './timeline.ts';

/**
 * What one fact does to an attempt. An attempt only moves along granted, installing, rebooting and then to one end, where it stays:
 * facts may come late, twice and in any order, and each transition is counted once.
 */
export function applyFact(attempt: Attempt, fact: Fact, context: AttemptContext): Applied {
  if ('attempt' in fact && fact.attempt !== attempt.id) return ignore(attempt, 'other-attempt');
  switch (fact.fact) {
    case 'deadline':
      return isOpen(attempt) ? applyDeadline(attempt, fact, context) : ignore(attempt, 'ended');
    case 'withdrawn':
      return withdraw(attempt, fact.atMs);
    case 'asked':
      return isOpen(attempt) ? applyAsked(attempt, fact, context) : ignore(attempt, 'ended');
    case 'excused':
      return excuse(attempt, fact.atMs);
    case 'quarantined':
      return isOpen(attempt) ? excuseOpen(attempt, fact.atMs) : excuse(attempt, fact.atMs);
    case 'report':
      if (!isOpen(attempt)) return hearAgain(attempt, fact);
      return hearing(attempt, fact, context, (heard) => applyReport(heard, fact, context));
    case 'sighting':
      if (!isOpen(attempt)) return hearAgain(attempt, fact);
      return hearing(attempt, fact, context, (heard) => applySighting(heard, fact, context));
  }
}

/** Takes note of how long the device says it will be away, and keeps that also where the fact itself moves nothing. */
function hearing(
  attempt: Attempt,
  { atMs, backWithinSeconds }: ReportFact | SightingFact,
  context: AttemptContext,
  apply: (heard: Attempt) => Applied,
): Applied {
  const awayMs = Math.min((backWithinSeconds ?? 0) * 1000, LONGEST_AWAY_MS);
  if (awayMs <= context.silentAfterMs || atMs + awayMs <= (attempt.backByMs ?? 0)) return apply(attempt);
  const away: Attempt = { ...attempt, backByMs: atMs + awayMs };
  const applied = apply({ ...away, deadlineMs: deadlineOf(away, context) });
  if (applied.ignored === undefined) return applied;
  if (applied.ignored === 'stale') return ignore(attempt, 'stale');
  return { attempt: applied.attempt, transitions: [] };
}

/** A device that was silent or lost is heard again: shown, while the test keeps the verdict of the deadline. */
function hearAgain(attempt: Attempt, fact: ReportFact | SightingFact): Applied {
  const returned = isReturn(attempt, fact) && fact.atMs > (attempt.endedMs ?? Number.POSITIVE_INFINITY);
  if (!returned || attempt.recovered) return ignore(attempt, 'ended');
  return {
    attempt: { ...attempt, recovered: true, events: withEvent(attempt.events, 'recovered', fact.atMs) },
    transitions: [{ kind: 'recovered', change: 1 }],
  };
}

/** After a void end the device is expected to be heard; only one that installed all the same has come back. */
function isReturn(attempt: Attempt, fact: ReportFact | SightingFact): boolean {
  if (attempt.state === 'silent' || attempt.state === 'lost') return true;
  if (attempt.state !== 'void') return false;
  if (fact.fact === 'report') return fact.state === 'installing' || fact.state === 'rebooting';
  return isTarget(fact, attempt.target) && fact.bootId !== attempt.bootId;
}

/** The permit runs out by itself: the device may have begun before it heard, so that only its time ends it. */
function withdraw(attempt: Attempt, atMs: number): Applied {
  if (attempt.withdrawn) return ignore(attempt, 'repeated');
  if (attempt.state !== 'granted') return ignore(attempt, 'begun');
  return note({ ...attempt, withdrawn: true }, 'withdrawn', atMs);
}

/** Whatever it comes to is counted as excused, now; it goes on, so that what became of it can be seen. */
function excuseOpen(attempt: Attempt, atMs: number): Applied {
  if (attempt.excused) return ignore(attempt, 'repeated');
  return {
    attempt: { ...attempt, excused: true, events: withEvent(attempt.events, 'excused', atMs) },
    transitions: [{ kind: 'excused', change: 1 }],
  };
}

function excuse(attempt: Attempt, atMs: number): Applied {
  const kind = endKindOf(attempt);
  if (kind === undefined || !isBad(kind)) {
    return ignore(attempt, attempt.excused ? 'repeated' : 'not-bad');
  }
  return {
    attempt: { ...attempt, excused: true, events: withEvent(attempt.events, 'excused', atMs) },
    transitions: [
      { kind, change: -1 },
      { kind: 'excused', change: 1 },
    ],
  };
}
