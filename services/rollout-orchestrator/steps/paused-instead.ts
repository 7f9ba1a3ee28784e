import type { RolloutState } from '#shared/contracts/events/rollout-events.ts';
import type { Fleet } from '../domain/advance/fleet.ts';
import { firstProgress, type Progress } from '../domain/advance/progress.ts';
import { documentInstead } from '../domain/document/document-instead.ts';
import { UnreadableRowError } from '../domain/row/attributes.ts';
import type { Gate, GateStore } from '../stores/gate-store.ts';
import type { RolloutRecord, RolloutStore } from '../stores/rollout-store.ts';

/** What a rollout is put together from, each part absent where there is none. */
export interface RolloutParts {
  readonly record: RolloutRecord | undefined;
  readonly gate: Gate | undefined;
  readonly progress: Progress | undefined;
  readonly fleet: Fleet;
}

/**
 * What stands for a rollout of which a part cannot be read: it is as good as paused, for its own devices, until advance-rollouts has
 * paused it for all to see. Where its document is that part, any device of the product may be one of its own.
 */
export async function pausedInstead(
  error: unknown,
  rollout: string,
  { rollouts, gates }: { readonly rollouts: RolloutStore; readonly gates: GateStore },
): Promise<RolloutParts> {
  if (!(error instanceof UnreadableRowError)) throw error;
  const known = await rollouts.identity(rollout);
  const state = await stateUnlessRunning(rollout, gates);
  const reason = `it cannot be read: ${error.message}`;
  const nothing = { stage: 0, epoch: 0, plan: 0, granted: 0, ceiling: 0, cohorts: new Map() };
  const record = known && { document: documentInstead(known), ...known };
  return { record, gate: { state, reason, ...nothing }, progress: firstProgress(0), fleet: {} };
}

/** Who was aborted keeps nobody from other rollouts any more. */
async function stateUnlessRunning(rollout: string, gates: GateStore): Promise<RolloutState> {
  try {
    const life = await gates.life(rollout);
    return life === undefined || life.state === 'running' ? 'paused' : life.state;
  } catch (error) {
    if (!(error instanceof UnreadableRowError)) throw error;
    return 'paused';
  }
}
