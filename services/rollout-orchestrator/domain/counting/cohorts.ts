/** Cohorts that are told apart in one rollout, numbered 1 to 200 in the order of their first permit. */
export const MAX_COHORTS = 200;

/** The cohort of everything beyond the first 200 pairs of hardware and from-version. */
export const OTHER_COHORT = 0;

/**
 * The cohort of every attempt but a device's first. Only first attempts are evidence: the others have a window of their own here,
 * are never tested, and are not part of the gate's pooled `granted`, because they expose no further device.
 */
export const RETRY_COHORT = 201;

/** The cohort number that the permit of attempt `number` (from 1) is granted and counted under. */
export const cohortOfAttempt = (number: number, cohort: number): number =>
  number > 1 ? RETRY_COHORT : cohort;

/** Whether the attempts of that cohort are evidence. */
export const isEvidence = (cohort: number): boolean => cohort !== RETRY_COHORT;

/** The place of a cohort in the split of alpha, from 1: its own number, and the place after the last for `other`. */
export const orderOfCohort = (cohort: number): number => (cohort === OTHER_COHORT ? MAX_COHORTS + 1 : cohort);
