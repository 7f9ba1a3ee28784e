import type { Caller } from '#shared/lambda/on-http.ts';
import { cursorAfterProduct, firstNameAfter } from '../../domain/product-cursor.ts';
import { toProductView } from '../../domain/views.ts';
import type { ProductStore } from '../../stores/product-store.ts';

interface Request {
  readonly caller: Caller;
  readonly query: { readonly limit: number; readonly cursor?: string | undefined };
}

/** A page of the tenant's products in order of name. */
export async function listProducts(
  { caller, query }: Request,
  { products }: { readonly products: ProductStore },
) {
  const { limit, cursor } = query;
  const page = await products.list(caller.tenant, {
    limit,
    ...(cursor !== undefined && { fromName: firstNameAfter(cursor) }),
  });
  return {
    products: page.products.map(toProductView),
    ...(page.lastName !== undefined && { cursor: cursorAfterProduct(page.lastName) }),
  };
}
