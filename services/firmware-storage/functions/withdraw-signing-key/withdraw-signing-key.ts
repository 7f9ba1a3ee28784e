import { operator } from '#shared/contracts/actor.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { withdrawingKey } from '../../domain/product.ts';
import { toProductView } from '../../domain/views.ts';
import { type SaveNeeds, untilSaved } from '../../steps/until-saved.ts';
import type { ProductStore } from '../../stores/product-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string; readonly keyId: string };
  readonly body: { readonly reason: string; readonly leaveNone?: boolean };
}

/**
 * Withdraws the key; the only one that the product trusts goes only with `leaveNone`. A repeat changes nothing, its reason neither.
 * Releases that are published stay so: which of them are genuine only the manufacturer can tell, who revokes the others.
 */
export async function withdrawSigningKey(
  { caller, params, body }: Request,
  { products, clock, ids }: SaveNeeds & { readonly products: ProductStore },
) {
  const { product: name, keyId } = params;
  const { reason, leaveNone = false } = body;
  const product = await untilSaved(
    async () => {
      const before = await products.get({ tenant: caller.tenant, product: name });
      const atMs = clock.now();
      const after = withdrawingKey(before, keyId, { atMs, reason }, { leaveNone });
      const key = after?.keys.find((one) => one.keyId === keyId);
      if (after === undefined || key === undefined) return before;
      const saved = await products.saveKeys(
        { before, after, key },
        { id: ids.next(), atMs, actor: operator(caller.name) },
      );
      return saved === 'saved' ? after : saved;
    },
    { clock, ids },
  );
  return toProductView(product);
}
