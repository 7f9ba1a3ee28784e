import { faultOf } from '#shared/errors/fault-of.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { UnreadableDevice } from '../stores/unreadable-device.ts';
import type { ServedRollout } from './active-rollouts.ts';
import { type GrantedIn, type GrantNeeds, grantIn } from './grant-in-rollout.ts';
import { type EligibleCandidate, type JudgingNeeds, judgeCandidates } from './judge-candidates.ts';
import type { Answered, Candidate, Outcome } from './permit-candidates.ts';
import { type CohortNeeds, inCohorts } from './permit-cohorts.ts';
import { type RenewingNeeds, renewAttempts } from './renew-attempts.ts';

/** Everything that granting needs. */
export interface GrantingNeeds extends JudgingNeeds, RenewingNeeds, CohortNeeds, GrantNeeds {}

/** How often a batch is judged anew because the gate or a device changed under it. */
const ROUNDS = 8;

/** What one candidate of a batch is told, and the rollout that it was last judged for, where there is one for it. */
export interface Told<One extends Candidate> extends Answered<One> {
  readonly served?: ServedRollout;
}

/** What became of a batch of candidates. */
export interface Granted<One extends Candidate> {
  /** One for each candidate, in order. */
  readonly told: readonly Told<One>[];
  /** Rollouts in which attempts that were open before have moved. */
  readonly moved: readonly string[];
  /** Candidates that cannot be read, whose requests stay unsettled. */
  readonly unreadable: readonly UnreadableDevice[];
  /** Why the requests of whole rollouts stay unsettled. */
  readonly faults: readonly Error[];
}

const UNSETTLED: Outcome = { kind: 'unsettled' };

/**
 * Grants permits to as many candidates as window and ceilings have room for, first come, first served, one transaction per
 * rollout and 96 devices. Where the gate or a device changed meanwhile, everything is read and judged again. Each rollout stands for itself:
 * one whose gate cannot be written keeps the devices of no other from their permits.
 */
export async function grantPermits<One extends Candidate>(
  candidates: readonly One[],
  needs: GrantingNeeds,
  call: Pick<Call, 'log' | 'count' | 'remainingMs'>,
): Promise<Granted<One>> {
  const outcomes = new Map<Candidate, Outcome>();
  const servedTo = new Map<Candidate, ServedRollout | undefined>();
  const moved: string[] = [];
  const unreadable: UnreadableDevice[] = [];
  const faults: Error[] = [];
  const keep = (answers: readonly Answered[]): void => {
    for (const { candidate, outcome } of answers) outcomes.set(candidate, outcome);
  };
  let open: readonly Candidate[] = candidates;
  for (let round = 0; round < ROUNDS && open.length > 0; round += 1) {
    const judged = await judgeCandidates(open, needs);
    for (const [candidate, served] of judged.served) servedTo.set(candidate, served);
    const renewed = await renewAttempts(judged.renewing, needs, call);
    const again = [...renewed.again];
    for (const [served, group] of Map.groupBy(judged.eligible, (one) => one.served)) {
      const granted = await tryToGrant(served, group, needs);
      if (granted instanceof Error) {
        const { rollout } = served;
        call.log.error('permits of a rollout could not be granted', { rollout, error: granted });
        faults.push(granted);
        continue;
      }
      keep(granted.answers);
      again.push(...granted.again);
    }
    keep([...judged.answers, ...renewed.answers]);
    moved.push(...renewed.moved);
    unreadable.push(...judged.unreadable, ...renewed.unreadable);
    open = again;
  }
  const told = candidates.map((candidate) => {
    const served = servedTo.get(candidate);
    return { candidate, outcome: outcomes.get(candidate) ?? UNSETTLED, ...(served && { served }) };
  });
  return { told, moved, unreadable, faults };
}

/** Grants within one rollout; answers why nobody of it is known to be served where that fails. */
async function tryToGrant(
  served: ServedRollout,
  eligible: readonly EligibleCandidate[],
  needs: GrantingNeeds,
): Promise<GrantedIn | Error> {
  try {
    const { wanting, answers } = await inCohorts(eligible, needs);
    const granted = await grantIn(served, wanting, needs);
    return { ...granted, answers: [...answers, ...granted.answers] };
  } catch (error) {
    return faultOf(error);
  }
}
