import type { Call } from '#shared/lambda/call.ts';
import { isOpen } from '../domain/attempt/attempt.ts';
import type { RolloutStore } from '../stores/rollout-store.ts';
import type { UnreadableDevice } from '../stores/unreadable-device.ts';
import { type MovingNeeds, moveAttempts, type Settled, tellFaults } from './move-attempts.ts';
import type { Candidate, Outcome, Renewal } from './permit-candidates.ts';
import type { Heard } from './plan-moves.ts';
import { contextLookup } from './rollout-contexts.ts';

/** What renewing needs. */
export interface RenewingNeeds extends MovingNeeds {
  readonly rollouts: RolloutStore;
}

/** A candidate whose request changes its open attempt, by its place in the batch. */
export interface Renewing {
  readonly candidate: Candidate;
  readonly index: number;
  readonly rollout: string;
  readonly judged: Renewal;
}

/**
 * Commits what requests to begin mean for open attempts, and only then writes down what their devices are told. Answers those that
 * must be judged again, because their attempt is over or somebody else was quicker, and the rollouts whose counters moved. What
 * fails leaves its device without an outcome, and no other.
 */
export async function renewAttempts(
  renewing: readonly Renewing[],
  outcomes: Outcome[],
  needs: RenewingNeeds,
  call: Pick<Call, 'log' | 'count' | 'remainingMs'>,
): Promise<{
  readonly again: readonly Renewing[];
  readonly moved: readonly string[];
  readonly unreadable: readonly UnreadableDevice[];
}> {
  if (renewing.length === 0) return { again: [], moved: [], unreadable: [] };
  const from = new Map<Heard, Renewing>(renewing.map((one) => [heardFrom(one), one]));
  const { settled, unreadable, faults } = await moveAttempts(
    [...from.keys()],
    contextLookup(needs.rollouts),
    needs,
    call,
  );
  tellFaults(faults, call);
  const again: Renewing[] = [];
  for (const one of settled) {
    const renewed = from.get(one.heard);
    if (renewed === undefined) continue;
    const outcome = outcomeOf(renewed.judged, one);
    if (outcome === undefined) again.push(renewed);
    else outcomes[renewed.index] = outcome;
  }
  return {
    again,
    moved: settled.flatMap(({ counted, row }) => (counted && row ? [row.rollout] : [])),
    unreadable,
  };
}

const heardFrom = ({ candidate, rollout, judged }: Renewing): Heard => ({
  tenant: candidate.tenant,
  deviceId: candidate.deviceId,
  rollout,
  facts: [judged.renewal],
});

/** What the device is told, if the row came to be as it was judged to become. */
function outcomeOf({ renewal, told }: Renewal, { row }: Settled): Outcome | undefined {
  const { attempt } = row ?? {};
  if (attempt?.id !== renewal.attempt) return undefined;
  if (!renewal.again) return attempt.reason === 'not-begun' ? told : undefined;
  const isRenewed = isOpen(attempt) && attempt.asked === renewal.number;
  return isRenewed && told?.outcome === 'granted' ? { ...told, attempt } : undefined;
}
