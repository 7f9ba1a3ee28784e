import type * as z from 'zod';
import type { SealsPage } from '#shared/contracts/api/audit.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import type { SealStore } from './seal-store.ts';

type Request = Pick<
  HttpRequest<unknown, { limit: number; cursor?: string | undefined }, undefined>,
  'caller' | 'query'
>;

/** A page of the chain of the caller's tenant in a service's log, with every key that has ever sealed there. */
export async function listSeals(
  { caller, query }: Request,
  { seals }: { readonly seals: SealStore },
): Promise<z.infer<typeof SealsPage>> {
  const { items, ...rest } = await seals.seals(caller.tenant, query);
  const told = items.map(({ text, keyId, signature }) => ({ text, keyId, signature }));
  return { tenant: caller.tenant, seals: told, keys: await seals.keys(), ...rest };
}
