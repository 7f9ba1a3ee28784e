import { isEvidence } from '../counting/cohorts.ts';
import type { Explanation } from './explain.ts';

/** Permits that may still be granted: of the rollout in all, and of the cohort that the permit would count under. */
export interface PermitRoom {
  readonly cohort: number;
  readonly pooled: number;
  readonly ofCohort: number;
}

/** Which window is full: the rollout's, or the cohort's own. */
export type FullWindow = 'window-full' | 'cohort-window-full';

/** What keeps a permit from being granted for want of room; `undefined` where there is room. Retries only have their own window. */
export function fullWindowOf({ cohort, pooled, ofCohort }: PermitRoom): FullWindow | undefined {
  if (isEvidence(cohort) && pooled <= 0) return 'window-full';
  return ofCohort <= 0 ? 'cohort-window-full' : undefined;
}

/** The ceilings of a rollout and what was granted under each: its own, and those of its cohorts by number. */
interface Ceilings {
  readonly ceiling: number;
  readonly granted: number;
  readonly cohorts: ReadonlyMap<number, { readonly ceiling: number; readonly granted: number }>;
}

/** What one transaction takes: so many permits, of so many cohorts. */
export interface Batch {
  readonly permits: number;
  readonly cohorts: number;
}

/**
 * Those for whom there is room under every ceiling, first come, first served and no more than one batch; those for whom there is none;
 * and the rest, who come next.
 */
export function takeRoom<One extends { readonly cohort: number }>(
  waiting: readonly One[],
  { ceiling, granted, cohorts }: Ceilings,
  most: Batch,
): { readonly taken: readonly One[]; readonly full: readonly One[]; readonly rest: readonly One[] } {
  let pooled = ceiling - granted;
  const roomOf = new Map([...cohorts].map(([cohort, own]) => [cohort, own.ceiling - own.granted]));
  const taken: One[] = [];
  const full: One[] = [];
  const rest: One[] = [];
  const inBatch = new Set<number>();
  for (const one of waiting) {
    const { cohort } = one;
    const ofCohort = roomOf.get(cohort) ?? 0;
    const isOneCohortTooMany = !inBatch.has(cohort) && inBatch.size >= most.cohorts;
    if (fullWindowOf({ cohort, pooled, ofCohort }) !== undefined) full.push(one);
    else if (taken.length >= most.permits || isOneCohortTooMany) rest.push(one);
    else {
      taken.push(one);
      inBatch.add(cohort);
      roomOf.set(cohort, ofCohort - 1);
      if (isEvidence(cohort)) pooled -= 1;
    }
  }
  return { taken, full, rest };
}

/** A full window in words; `granted` and `ceiling` are those of the window that is full. */
export function explainFullWindow(
  full: FullWindow,
  { granted, ceiling }: { readonly granted: number; readonly ceiling: number },
): Required<Explanation> {
  const whose = full === 'window-full' ? 'of the rollout' : 'of devices with its hardware and version';
  return {
    explanation: `its permit would be told to wait: the window ${whose} is full, ${granted} of ${ceiling} permits are given`,
    change: 'wait: the window widens as devices prove the release; rollout show says what it waits for',
  };
}
