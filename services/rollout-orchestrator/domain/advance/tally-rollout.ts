import { isEvidence } from '../counting/cohorts.ts';
import { countOf, ENDED_KINDS, type KindCounts, RETURNED_KINDS } from '../counting/counter-kinds.ts';
import { addCohorts, type CohortKinds, type Counters, totalsOf } from '../counting/counters.ts';
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
  const first = new Map([...cohorts].filter(([cohort]) => isEvidence(cohort)));
  const counts = sumOf(first);
  const allCounts = sumOf(cohorts);
  const permits = sumGranted(granted, () => true);
  const grantedFirst = sumGranted(granted, isEvidence);
  return {
    granted: grantedFirst,
    exposed: grantedFirst - countOf(counts, RETURNED_KINDS),
    good: counts.good ?? 0,
    pending: grantedFirst - countOf(counts, ENDED_KINDS),
    proven: allCounts.good ?? 0,
    excused: allCounts.excused ?? 0,
    permits,
    unresolved: permits - countOf(allCounts, ENDED_KINDS),
    cohorts,
  };
}

function sumOf(cohorts: CohortKinds): KindCounts {
  const pooled = new Map([...cohorts].map(([, counts], index) => [index, counts] as const));
  return addCohorts([...pooled.values()].map((counts) => new Map([[0, counts]]))).get(0) ?? {};
}

const sumGranted = (granted: GrantedByCohort, includes: (cohort: number) => boolean): number =>
  [...granted].reduce((sum, [cohort, count]) => (includes(cohort) ? sum + count : sum), 0);
