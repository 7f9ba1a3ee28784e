import { orderOfCohort } from '../counting/cohorts.ts';

/** The two kinds of bad, each tested against its own tolerated rate: failed, reverted or silent; and lost. */
export const BAD_KINDS = ['failureRate', 'lostRate'] as const;
export type BadKind = (typeof BAD_KINDS)[number];

/**
 * How a rollout's chance of a false halt, `alpha`, is shared between its tests (a union bound): one half to the pooled tests, and
 * `alpha / (2 j (j+1))` to the cohort that came as the j-th, which sums to the other half however many cohorts appear. Either is
 * halved again between the two kinds of bad.
 */
export const pooledAlpha = (alpha: number): number => alpha / 2 / BAD_KINDS.length;

/** The share of `alpha` of one test of one cohort; see `pooledAlpha`. */
export function cohortAlpha(alpha: number, cohort: number): number {
  const order = orderOfCohort(cohort);
  return alpha / (2 * order * (order + 1)) / BAD_KINDS.length;
}

/** The line that the logarithm of the evidence must reach for a test with that chance of a false halt. */
export const lineLogOf = (testAlpha: number): number => -Math.log(testAlpha);
