import { isEvidence } from '../counting/cohorts.ts';
import { countOf, ENDED_KINDS, RETURNED_KINDS, sumCounts } from '../counting/counter-kinds.ts';
import { type CohortKinds, type Counters, totalsOf } from '../counting/counters.ts';
import type { GrantedByCohort } from '../counting/evidence.ts';

/** A rollout in round numbers. First attempts only, where not said otherwise. */
export interface RolloutTally {
  readonly granted: number;
  /** Granted and neither void nor transient. */
  readonly exposed: number;
  readonly good: number;
  /** Granted, and the attempt has not ended. */
  readonly pending: number;
  /** Good attempts of any number, so at most one a device. */
  readonly proven: number;
  /** Attempts of any number that were excused. */
  readonly excused: number;
  /** Permits of any attempt. */
  readonly permits: number;
  /** Permits of any attempt whose attempt has not ended. */
  readonly unresolved: number;
  /** Counts of each cohort. */
  readonly cohorts: CohortKinds;
}

/** Adds up what the gate granted and what the counters hold. */
export function tallyRollout(granted: GrantedByCohort, counters: Counters): RolloutTally {
  const cohorts = totalsOf(counters, () => true);
  const ofFirst = sumCounts(
    [...cohorts].filter(([cohort]) => isEvidence(cohort)).map(([, counts]) => counts),
  );
  const ofAny = sumCounts([...cohorts.values()]);
  const permits = sumGranted(granted, () => true);
  const firstPermits = sumGranted(granted, isEvidence);
  return {
    granted: firstPermits,
    exposed: firstPermits - countOf(ofFirst, RETURNED_KINDS),
    good: countOf(ofFirst, ['good']),
    pending: firstPermits - countOf(ofFirst, ENDED_KINDS),
    proven: countOf(ofAny, ['good']),
    excused: countOf(ofAny, ['excused']),
    permits,
    unresolved: permits - countOf(ofAny, ENDED_KINDS),
    cohorts,
  };
}

const sumGranted = (granted: GrantedByCohort, includes: (cohort: number) => boolean): number =>
  [...granted].reduce((sum, [cohort, count]) => (includes(cohort) ? sum + count : sum), 0);
