import type * as z from 'zod';
import type { SealStore } from '#shared/audit/seal-store.ts';
import type { AuditPage } from '#shared/contracts/api/audit.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { productPartition } from '../../stores/keys.ts';
import type { ProductStore } from '../../stores/product-store.ts';

interface Needs {
  readonly products: ProductStore;
  readonly seals: SealStore;
}

type Request = HttpRequest<{ product: string }, { limit: number; cursor?: string | undefined }, undefined>;

/** A page of the audit log of a product of the caller's tenant, its keys and its releases; throws `NotFoundError` for any other. */
export async function listProductAudit(
  { caller, params, query }: Request,
  { products, seals }: Needs,
): Promise<z.infer<typeof AuditPage>> {
  const product = await products.get({ tenant: caller.tenant, ...params });
  const { items, ...rest } = await seals.entries(productPartition(product), query);
  return { entries: items.map(({ text }) => ({ text })), ...rest };
}
