import type * as z from 'zod';
import type { ListRollouts } from '#shared/contracts/api/rollouts.ts';
import type { RolloutState } from '#shared/contracts/events/rollout-events.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { UnreadableRowError } from '../../domain/row/attributes.ts';
import type { GateStore } from '../../stores/gate-store.ts';
import type { ProgressStore } from '../../stores/progress-store.ts';
import type { RolloutStore } from '../../stores/rollout-store.ts';

interface Needs {
  readonly rollouts: RolloutStore;
  readonly gates: GateStore;
  readonly progress: ProgressStore;
}

type Request = HttpRequest<unknown, { limit: number; cursor?: string | undefined }, undefined>;

/** A page of rollouts with the state of each. */
export async function listRollouts(
  { caller, query }: Request,
  { rollouts, gates, progress }: Needs,
): Promise<z.infer<typeof ListRollouts.answer>> {
  const { limit, cursor } = query;
  const page = await rollouts.list(caller.tenant, { limit, ...(cursor !== undefined && { cursor }) });
  const views = await Promise.all(
    page.rollouts.map(async ({ rollout, product, version, createdAtMs }) => {
      const state = await stateOf(rollout, gates);
      const isStalled = state === 'running' && (await progress.isStalled(rollout));
      const release = `${product}/${version}`;
      return { rollout, release, state, ...(isStalled && { stalled: true }), createdAtMs };
    }),
  );
  return {
    rollouts: views,
    ...(page.cursor !== undefined && { cursor: page.cursor }),
  };
}

/** One whose gate cannot be read, as an earlier version may have left it, is as good as paused, and keeps no other from being listed. */
async function stateOf(rollout: string, gates: GateStore): Promise<RolloutState> {
  try {
    return (await gates.life(rollout))?.state ?? 'draft';
  } catch (error) {
    if (!(error instanceof UnreadableRowError)) throw error;
    return 'paused';
  }
}
