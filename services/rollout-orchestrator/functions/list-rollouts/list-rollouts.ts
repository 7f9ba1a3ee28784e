import type * as z from 'zod';
import type { ListRollouts } from '#shared/contracts/api/rollouts.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
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
      const state = (await gates.life(rollout))?.state ?? 'draft';
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
