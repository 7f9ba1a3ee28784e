import type { Caller } from '#shared/lambda/on-http.ts';
import { refuseDistrusted } from '../../domain/product.ts';
import { published } from '../../domain/release-states.ts';
import { toReleaseView } from '../../domain/views.ts';
import { type ChangeNeeds, changeRelease, operator } from '../../stores/change-release.ts';
import type { ProductStore } from '../../stores/product-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string; readonly version: string };
}

/** Publishes the release, unless the key that has signed it was withdrawn meanwhile; a repeat changes nothing. */
export async function publishRelease(
  { caller, params }: Request,
  needs: ChangeNeeds & { readonly products: ProductStore },
) {
  const which = { tenant: caller.tenant, ...params };
  const product = await needs.products.get(which);
  const release = await changeRelease(
    which,
    operator(caller),
    (before, atMs) => {
      const after = published(before, atMs);
      if (after !== undefined) refuseDistrusted(product, before.signature.keyId);
      return after;
    },
    needs,
  );
  return toReleaseView(release);
}
