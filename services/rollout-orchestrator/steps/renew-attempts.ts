import type { Call } from '#shared/lambda/call.ts';
import { isOpen } from '../domain/attempt/attempt.ts';
import type { RolloutStore } from '../stores/rollout-store.ts';
import type { UnreadableDevice } from '../stores/unreadable-device.ts';
import { type MovingNeeds, moveAttempts, type Settled, tellFaults } from './move-attempts.ts';
import type { Answered, Candidate, Outcome, Renewal } from './permit-candidates.ts';
import type { Heard } from './plan-moves.ts';
import { contextLookup } from './rollout-contexts.ts';

/** What renewing needs. */
export interface RenewingNeeds extends MovingNeeds {
  readonly rollouts: RolloutStore;
}

/** A candidate whose request changes its open attempt in that rollout. */
export interface Renewing {
  readonly candidate: Candidate;
  readonly rollout: string;
  readonly judged: Renewal;
}

/** What became of candidates whose requests change their open attempts; who is in none of its lists is left without an answer. */
export interface Renewed {
  readonly answers: readonly Answered[];
  /** Their attempt is over, or somebody else was quicker: they must be judged again. */
  readonly again: readonly Candidate[];
  /** The rollouts whose counters moved. */
  readonly moved: readonly string[];
  readonly unreadable: readonly UnreadableDevice[];
}

/**
 * Commits what requests to begin mean for open attempts, and only then answers. What fails leaves its device without an answer, and no
 * other.
 */
export async function renewAttempts(
  renewing: readonly Renewing[],
  needs: RenewingNeeds,
  call: Pick<Call, 'log' | 'count' | 'remainingMs'>,
): Promise<Renewed> {
  if (renewing.length === 0) return { answers: [], again: [], moved: [], unreadable: [] };
  const contextOf = contextLookup(needs.rollouts);
  const { settled, unreadable, faults } = await moveAttempts(renewing.map(asked), contextOf, needs, call);
  tellFaults(faults, call);
  const answers: Answered[] = [];
  const again: Candidate[] = [];
  for (const one of settled) {
    const { candidate } = one.heard;
    const outcome = outcomeOf(one);
    if (outcome === undefined) again.push(candidate);
    else answers.push({ candidate, outcome });
  }
  const moved = settled.flatMap(({ counted, row }) => (counted && row ? [row.rollout] : []));
  return { answers, again, moved, unreadable };
}

/** A request as one of the facts that attempts are moved by. */
interface Asked extends Heard, Renewing {
  readonly rollout: string;
}

const asked = (renewing: Renewing): Asked => ({
  ...renewing,
  tenant: renewing.candidate.tenant,
  deviceId: renewing.candidate.deviceId,
  facts: [renewing.judged.renewal],
});

/** What the device is told, if the row came to be as it was judged to become. */
function outcomeOf({ heard: { judged }, row }: Settled<Asked>): Outcome | undefined {
  const { renewal, told } = judged;
  const { attempt } = row ?? {};
  if (attempt?.id !== renewal.attempt) return undefined;
  if (!renewal.again) return attempt.reason === 'not-begun' ? told : undefined;
  const isRenewed = isOpen(attempt) && attempt.asked === renewal.number;
  return isRenewed && told?.kind === 'granted' ? { ...told, attempt } : undefined;
}
