import type { Caller } from '#shared/lambda/on-http.ts';
import { toProductView } from '../../domain/views.ts';
import type { ProductStore } from '../../stores/product-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string };
}

/** The product as it is now. */
export async function getProduct(
  { caller, params }: Request,
  { products }: { readonly products: ProductStore },
) {
  return toProductView(await products.get({ tenant: caller.tenant, ...params }));
}
