import { applyFact } from '../attempt/apply-fact.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { AttemptContext, Fact, IgnoredBecause, Transition } from '../attempt/facts.ts';
import { heardMs, NEVER_AWAY, type TimesAway } from '../clock/away.ts';
import { counterName } from './counter-names.ts';
import { type CounterDeltas, sumDeltas } from './counters.ts';
import { delayBucket } from './delays.ts';

/** What some facts do to one row: the row after them, what it adds to the counters, and which facts did nothing. */
export interface FoldedRow {
  readonly before: Attempt;
  readonly after: Attempt;
  readonly transitions: readonly Transition[];
  readonly deltas: CounterDeltas;
  readonly ignored: readonly { readonly fact: Fact; readonly because: IgnoredBecause }[];
}

/**
 * Applies facts to one row in the order in which they were heard, so that a batch that arrives in another order comes to the same
 * end. The row need only be written when `after` is not the very object `before`; its deltas belong in the same transaction.
 */
export function foldFacts(before: Attempt, facts: readonly Fact[], context: AttemptContext): FoldedRow {
  let after = before;
  const transitions: Transition[] = [];
  const ignored: { fact: Fact; because: IgnoredBecause }[] = [];
  for (const fact of facts.toSorted(byHearing)) {
    const applied = applyFact(after, fact, context);
    after = applied.attempt;
    transitions.push(...applied.transitions);
    if (applied.ignored !== undefined) ignored.push({ fact, because: applied.ignored });
  }
  return { before, after, transitions, deltas: deltasOf(after, transitions, context.away), ignored };
}

/** What transitions of an attempt add to the counters; its proof also counts the delay since the permit. */
function deltasOf(
  attempt: Attempt,
  transitions: readonly Transition[],
  away: TimesAway | undefined,
): CounterDeltas {
  return sumDeltas(
    transitions.flatMap(({ kind, change }) => {
      const count = { [counterName({ epoch: attempt.epoch, cohort: attempt.cohort, kind })]: change };
      return kind === 'good' ? [count, delayDelta(attempt, away)] : [count];
    }),
  );
}

/** What a new attempt adds to the counters: an install, where it begins with its permit. */
export const beginningOf = (attempt: Attempt): CounterDeltas =>
  deltasOf(attempt, attempt.reached === 'installing' ? [{ kind: 'installing', change: 1 }] : [], undefined);

/**
 * The delay from permit to proof of a good attempt, as it is counted. A while in which the device could not be heard says nothing of how
 * long it takes: one night of it, or an hour that a clock jumped, would keep the window closed for as long before each widening.
 */
export const delayDelta = (
  { grantedMs, endedMs = grantedMs }: Attempt,
  away: TimesAway = NEVER_AWAY,
): CounterDeltas => ({
  [counterName({ delayBucket: delayBucket(heardMs(grantedMs, endedMs, away)) })]: 1,
});

/** When a fact was heard, or decided, milliseconds since 1970. */
export const heardAtMs = (fact: Fact): number => (fact.fact === 'deadline' ? fact.nowMs : fact.atMs);
/** It holds for all that is heard with it, whenever that was. */
const comesFirst = (fact: Fact): number => (fact.fact === 'quarantined' ? 0 : 1);
const KINDS: readonly Fact['fact'][] = [
  'report',
  'sighting',
  'asked',
  'withdrawn',
  'excused',
  'quarantined',
  'deadline',
];

function byHearing(a: Fact, b: Fact): number {
  const inTime =
    comesFirst(a) - comesFirst(b) ||
    heardAtMs(a) - heardAtMs(b) ||
    KINDS.indexOf(a.fact) - KINDS.indexOf(b.fact);
  if (inTime !== 0 || a.fact !== 'report' || b.fact !== 'report') return inTime;
  return a.seq - b.seq;
}
