import type * as z from 'zod';
import type { SealStore } from '#shared/audit/seal-store.ts';
import type { ListRolloutAudit } from '#shared/contracts/api/audit.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { rolloutPartition } from '../../stores/keys.ts';
import type { RolloutStore } from '../../stores/rollout-store.ts';

interface Needs {
  readonly rollouts: RolloutStore;
  readonly seals: SealStore;
}

type Request = HttpRequest<{ rollout: string }, { limit: number; cursor?: string | undefined }, undefined>;

/** A page of the audit log of a rollout of the caller's tenant; throws `NotFoundError` for any other. */
export async function listRolloutAudit(
  { caller, params, query }: Request,
  { rollouts, seals }: Needs,
): Promise<z.infer<typeof ListRolloutAudit.answer>> {
  const record = await rollouts.identity(params.rollout);
  if (record?.tenant !== caller.tenant) throw new NotFoundError('rollout', `no rollout ${params.rollout}`);
  const { items, ...rest } = await seals.entries(rolloutPartition(params.rollout), query);
  return { entries: items.map(({ text }) => ({ text })), ...rest };
}
