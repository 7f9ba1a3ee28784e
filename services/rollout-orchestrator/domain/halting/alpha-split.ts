import { orderOfCohort } from '../counting/cohorts.ts';

/** The two kinds of bad, each tested against its own tolerated rate: failed, reverted or silent; and lost. */
export const BAD_KINDS = ['failureRate', 'lostRate'] as const;
export type BadKind = (typeof BAD_KINDS)[number];

/**
 * How a rollout's chance of a false halt is shared between its tests (a union bound: the four sum to one; where a stage is by tag the last two are halved, for
 * the devices of such stages together). Most goes to the test that
 * an ordinary bad release meets first. The others look at releases that go wrong in one place or in the middle of an install, where
 * nearly every device is bad: each of those outweighs a share ten times as large.
 */
const POOLED: Readonly<Record<BadKind, number>> = { failureRate: 0.85, lostRate: 0.05 };
const COHORTS: Readonly<Record<BadKind, number>> = { failureRate: 0.08, lostRate: 0.02 };

/** The share of `alpha` of one pooled test. */
export const pooledAlpha = (alpha: number, kind: BadKind): number => alpha * POOLED[kind];

/** What cohorts keep of their part where a stage is by tag, and what they give to the test of all such devices together. */
const HALF = 0.5;

/** The share of `alpha` of one test of the devices of all stages by tag together, in a rollout that has such a stage. */
export const taggedAlpha = (alpha: number, kind: BadKind): number => alpha * COHORTS[kind] * HALF;

/**
 * The share of `alpha` of one test of one cohort: all cohorts' part, divided by `j (j+1)` for the one that came as the j-th, which
 * sums to that part however many cohorts appear.
 */
export function cohortAlpha(alpha: number, cohort: number, kind: BadKind, hasTagStage: boolean): number {
  const order = orderOfCohort(cohort);
  return (alpha * COHORTS[kind] * (hasTagStage ? HALF : 1)) / (order * (order + 1));
}

/** The line that the logarithm of the evidence must reach for a test with that chance of a false halt. */
export const lineLogOf = (testAlpha: number): number => -Math.log(testAlpha);
