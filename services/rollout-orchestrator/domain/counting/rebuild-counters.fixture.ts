import type { Attempt } from '../attempt/attempt.ts';
import { tallyOf } from '../attempt/tally.ts';
import { UnreadableEvidenceError } from '../halting/unreadable-evidence.ts';
import { COUNTER_KINDS } from './counter-kinds.ts';
import { counterName } from './counter-names.ts';
import { type Counters, countersOf } from './counters.ts';
import type { GrantedByCohort } from './evidence.ts';
import { delayDelta } from './fold-facts.ts';

/** What the rows of a rollout say that the gate and the counters must hold. */
export interface Rebuilt {
  readonly granted: GrantedByCohort;
  readonly counters: Counters;
}

/**
 * Counts all over from the rows of a rollout. The totals by cohort and kind equal those of the counters, and so do `n` and `k`;
 * attempts that another one of the same device followed are counted as folded, since a row keeps no epoch for them.
 */
export function rebuildCounters(rows: Iterable<Attempt>): Rebuilt {
  const granted = new Map<number, number>();
  const sums: Record<string, number> = {};
  const add = (attribute: string, count: number): void => {
    sums[attribute] = (sums[attribute] ?? 0) + count;
  };
  const grant = (cohort: number, count: number): Map<number, number> =>
    granted.set(cohort, (granted.get(cohort) ?? 0) + count);
  for (const attempt of rows) {
    const { epoch, cohort } = attempt;
    for (const kind of tallyOf(attempt)) {
      if (kind === 'granted') grant(cohort, 1);
      else add(counterName({ epoch, cohort, kind }), 1);
    }
    if (attempt.state === 'good' && !attempt.excused)
      for (const [name, count] of Object.entries(delayDelta(attempt))) add(name, count);
    for (const [name, count] of Object.entries(attempt.past)) {
      const [pastCohort, kind] = readPast(name);
      if (kind === 'granted') grant(pastCohort, count);
      else add(counterName({ cohort: pastCohort, kind }), count);
    }
  }
  return { granted, counters: countersOf(sums) };
}

function readPast(name: string): readonly [number, (typeof COUNTER_KINDS)[number] | 'granted'] {
  const [cohort, word] = name.split('.');
  const kind = word === 'granted' ? word : COUNTER_KINDS.find((one) => one === word);
  if (kind === undefined) throw new UnreadableEvidenceError(name, 'must be <cohort>.<kind>');
  return [Number(cohort), kind];
}
