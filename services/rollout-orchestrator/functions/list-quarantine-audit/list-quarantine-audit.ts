import type * as z from 'zod';
import type { SealStore } from '#shared/audit/seal-store.ts';
import type { ListQuarantineAudit } from '#shared/contracts/api/audit.ts';
import { thingOf } from '#shared/contracts/names.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { quarantineAuditPartition } from '../../stores/keys.ts';

type Request = HttpRequest<{ deviceId: string }, { limit: number; cursor?: string | undefined }, undefined>;

/** A page of what was decided about the quarantine of a device of the caller's tenant; none of one that never was in any. */
export async function listQuarantineAudit(
  { caller, params, query }: Request,
  { seals }: { readonly seals: SealStore },
): Promise<z.infer<typeof ListQuarantineAudit.answer>> {
  const partition = quarantineAuditPartition(thingOf(caller.tenant, params.deviceId));
  const { items, ...rest } = await seals.entries(partition, query);
  return { entries: items.map(({ text }) => ({ text })), ...rest };
}
