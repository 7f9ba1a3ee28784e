import type * as z from 'zod';
import type { ListAuditSeals } from '#shared/contracts/api/audit.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import type { SealStore } from '../../stores/seal-store.ts';

type Request = HttpRequest<unknown, { limit: number; cursor?: string | undefined }, undefined>;

/** A page of the chain of the caller's tenant, with every key that has ever sealed. */
export async function listAuditSeals(
  { caller, query }: Request,
  { seals }: { readonly seals: SealStore },
): Promise<z.infer<typeof ListAuditSeals.answer>> {
  const { items, ...rest } = await seals.seals(caller.tenant, query);
  const told = items.map(({ text, keyId, signature }) => ({ text, keyId, signature }));
  return { seals: told, keys: await seals.keys(), ...rest };
}
