import type { CohortCounts } from '../halting/assess-evidence.ts';
import { UnreadableEvidenceError } from '../halting/unreadable-evidence.ts';
import { isEvidence } from './cohorts.ts';
import { countOf, type KindCounts, UNCOUNTED_KINDS } from './counter-kinds.ts';
import { type Counters, totalsOf } from './counters.ts';

/** Attempts granted so far, by cohort number. */
export type GrantedByCohort = ReadonlyMap<number, number>;

/**
 * `n` and `k` of every cohort that holds evidence: `n` is what was granted and is neither void, transient nor excused, pending
 * attempts included; `k` those of them that went bad. Counting only resolved attempts in `n` instead would halt healthy releases
 * wherever failures are quicker than successes.
 *
 * @param unpooled cohorts of tag stages, which are tested apart
 * @throws UnreadableEvidenceError when more was counted than granted
 */
export function evidenceOf(
  granted: GrantedByCohort,
  counters: Counters,
  unpooled: ReadonlySet<number> = new Set(),
): readonly CohortCounts[] {
  const totals = totalsOf(counters, () => true);
  for (const cohort of totals.keys()) {
    if (!granted.has(cohort))
      throw new UnreadableEvidenceError(`cohort ${cohort}`, 'is counted but was never granted');
  }
  return [...granted]
    .filter(([cohort]) => isEvidence(cohort))
    .map(([cohort, count]) => ({
      cohort,
      ...scopeCountsOf(count, totals.get(cohort)),
      pooled: !unpooled.has(cohort),
    }));
}

/** `n` and `k` of so many granted attempts with those counts. */
function scopeCountsOf(granted: number, counts: KindCounts | undefined): Pick<CohortCounts, 'n' | 'bad'> {
  return {
    n: granted - countOf(counts, UNCOUNTED_KINDS),
    bad: {
      failureRate: countOf(counts, ['failed', 'reverted', 'silent']),
      lostRate: countOf(counts, ['lost']),
    },
  };
}
