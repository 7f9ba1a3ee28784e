import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import type { Attempt } from '../domain/attempt/attempt.ts';
import { cohortOfAttempt, isEvidence, OTHER_COHORT, RETRY_COHORT } from '../domain/counting/cohorts.ts';
import type { CohortStore } from '../stores/cohort-store.ts';
import type { GateStore } from '../stores/gate-store.ts';
import type { EligibleCandidate } from './judge-candidates.ts';
import { type Answered, fullWindow } from './permit-candidates.ts';

/** What finding cohorts needs. */
export interface CohortNeeds {
  readonly cohorts: CohortStore;
  readonly gates: GateStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A candidate that lacks nothing but room. */
export interface Wanting extends EligibleCandidate {
  /** The number of the cohort that its permit will be counted in. */
  readonly cohort: number;
}

/** Finds the cohorts of a batch, each once; who would need a new one while the pooled window is full is told to wait. */
export async function inCohorts(
  eligible: readonly EligibleCandidate[],
  needs: CohortNeeds,
): Promise<{ readonly wanting: readonly Wanting[]; readonly answers: readonly Answered[] }> {
  const known = new Map<string, number | undefined>();
  const wanting: Wanting[] = [];
  const answers: Answered[] = [];
  for (const one of eligible) {
    const { candidate, served, number, previous } = one;
    const { hardware, version } = candidate.says;
    const key = JSON.stringify([served.rollout, number, hardware, version, hasChanged(version, previous)]);
    if (!known.has(key)) known.set(key, await openedCohort(one, needs));
    const cohort = known.get(key);
    if (cohort === undefined) answers.push({ candidate, outcome: fullWindow(served, needs.ids.random()) });
    else wanting.push({ ...one, cohort });
  }
  return { wanting, answers };
}

/**
 * The number of a cohort, which is opened with its first window if it is new. `undefined` where it would be a new one and the pooled
 * window is full: numbers are few, and devices that only say that they run this and that must not use them up. For the same reason a
 * device whose earlier permit came to nothing opens none by saying that it comes from another version now: it is one of the rest.
 */
async function openedCohort(
  { candidate: { says }, served, number, previous }: EligibleCandidate,
  needs: CohortNeeds,
): Promise<number | undefined> {
  const { rollout, openStage, document, gate } = served;
  const tag = openStage.kind === 'tag' && { tag: openStage.tag };
  const name = { hardware: says.hardware, from: says.version, ...tag };
  const isFirst = isEvidence(cohortOfAttempt(number, OTHER_COHORT));
  const isOther = hasChanged(says.version, previous);
  const isNewAllowed = !isOther && gate.granted < gate.ceiling;
  const ofFirst = async () =>
    (await needs.cohorts.numberOf(rollout, name, { isNewAllowed })) ?? (isOther ? OTHER_COHORT : undefined);
  const numbered = isFirst ? await ofFirst() : RETRY_COHORT;
  if (numbered === undefined) return undefined;
  if (!gate.cohorts.has(numbered))
    await tryAgain(needs, () => needs.gates.openCohort(rollout, numbered, document.pace.firstWindow));
  return numbered;
}

const hasChanged = (version: string, previous: Attempt | undefined): boolean =>
  previous !== undefined && previous.from !== version;
