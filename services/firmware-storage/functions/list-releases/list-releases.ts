import type { Caller } from '#shared/lambda/on-http.ts';
import { cursorAfter, sequenceOf } from '../../domain/list-cursor.ts';
import { toReleaseView } from '../../domain/views.ts';
import type { ProductStore } from '../../stores/product-store.ts';
import type { ReleaseStore } from '../../stores/release-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string };
  readonly query: { readonly limit: number; readonly cursor?: string | undefined };
}

interface ListNeeds {
  readonly products: ProductStore;
  readonly releases: ReleaseStore;
}

/** A page of the product's releases by falling sequence, whatever their state. */
export async function listReleases({ caller, params, query }: Request, { products, releases }: ListNeeds) {
  const { limit, cursor } = query;
  const below = cursor === undefined ? undefined : sequenceOf(cursor);
  const product = await products.get({ tenant: caller.tenant, ...params });
  const page = await releases.list(product, { limit, ...(below !== undefined && { below }) });
  return {
    releases: page.releases.map(toReleaseView),
    ...(page.lastSequence !== undefined && { cursor: cursorAfter(page.lastSequence) }),
  };
}
