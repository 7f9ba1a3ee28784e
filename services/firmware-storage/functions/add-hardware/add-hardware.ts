import { operator } from '#shared/contracts/actor.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { withHardware } from '../../domain/product.ts';
import { toProductView } from '../../domain/views.ts';
import { type SaveNeeds, untilSaved } from '../../steps/until-saved.ts';
import type { ProductStore } from '../../stores/product-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string };
  readonly body: { readonly hardware: readonly string[] };
}

/** Adds the hardware ids that the product does not have yet; none is ever taken away, since there are devices of it. */
export async function addHardware(
  { caller, params, body }: Request,
  { products, clock, ids }: SaveNeeds & { readonly products: ProductStore },
) {
  const product = await untilSaved(
    async () => {
      const before = await products.get({ tenant: caller.tenant, ...params });
      const after = withHardware(before, body.hardware);
      if (after === undefined) return before;
      const decided = { id: ids.next(), atMs: clock.now(), actor: operator(caller.name) };
      return (await products.saveHardware(before, after, decided)) === 'saved' ? after : 'stale';
    },
    { clock, ids },
  );
  return toProductView(product);
}
