import { operator } from '#shared/contracts/actor.ts';
import { ConflictError, WrongStateError } from '#shared/errors/errors.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import type { Product } from '../../domain/product.ts';
import { toProductView } from '../../domain/views.ts';
import type { SaveNeeds } from '../../steps/until-saved.ts';
import type { ProductStore } from '../../stores/product-store.ts';

interface Request {
  readonly caller: Caller;
  readonly body: { readonly product: string; readonly hardware: readonly string[] };
}

/** Makes the product unless the tenant has one of that name. */
export async function createProduct(
  { caller, body }: Request,
  { products, clock, ids }: SaveNeeds & { readonly products: ProductStore },
) {
  const atMs = clock.now();
  const { tenant } = caller;
  const product: Product = { tenant, ...body, keys: [], lastSequence: 0, createdAtMs: atMs };
  const saved = await products.create(product, { id: ids.next(), atMs, actor: operator(caller.name) });
  if (saved === 'saved') return toProductView(product);
  if ((await products.find(product)) === undefined) {
    throw new ConflictError(`product ${product.product} is being made by somebody else`);
  }
  throw new WrongStateError('product', 'must be a name that no product of the tenant has yet');
}
