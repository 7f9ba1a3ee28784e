import type * as z from 'zod';
import type { ListRollouts } from '#shared/contracts/api/rollouts.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import type { GateStore } from '../../stores/gate-store.ts';
import type { RolloutStore } from '../../stores/rollout-store.ts';

interface Needs {
  readonly rollouts: RolloutStore;
  readonly gates: GateStore;
}

type Request = HttpRequest<unknown, { limit: number; cursor?: string | undefined }, undefined>;

/** A page of rollouts with the state of each. */
export async function listRollouts(
  { caller, query }: Request,
  { rollouts, gates }: Needs,
): Promise<z.infer<typeof ListRollouts.answer>> {
  const { limit, cursor } = query;
  const page = await rollouts.list(caller.tenant, { limit, ...(cursor !== undefined && { cursor }) });
  const states = await Promise.all(page.rollouts.map(({ rollout }) => gates.life(rollout)));
  return {
    rollouts: page.rollouts.map(({ rollout, product, version, createdAtMs }, index) => ({
      rollout,
      release: `${product}/${version}`,
      state: states[index]?.state ?? 'draft',
      createdAtMs,
    })),
    ...(page.cursor !== undefined && { cursor: page.cursor }),
  };
}
