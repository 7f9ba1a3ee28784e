import { operator } from '#shared/contracts/actor.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { refuseDistrusted } from '../../domain/product.ts';
import { published } from '../../domain/release-states.ts';
import { toReleaseView } from '../../domain/views.ts';
import type { ChangeNeeds } from '../../steps/change-release.ts';
import { untilSaved } from '../../steps/until-saved.ts';
import type { ProductStore } from '../../stores/product-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string; readonly version: string };
}

/** Publishes the release, unless the key that has signed it was withdrawn before; a repeat changes nothing. */
export async function publishRelease(
  { caller, params }: Request,
  { products, releases, clock, ids }: ChangeNeeds & { readonly products: ProductStore },
) {
  const which = { tenant: caller.tenant, ...params };
  const release = await untilSaved(
    async () => {
      const before = await releases.get(which);
      const atMs = clock.now();
      const after = published(before, atMs);
      if (after === undefined) return before;
      const product = await products.get(which);
      refuseDistrusted(product, before.signature.keyId);
      // Once a withdrawal is answered nothing follows: the keys must be the same when this is saved.
      const decided = { id: ids.next(), atMs, actor: operator(caller.name) };
      return (await releases.save(before, after, decided, product)) === 'saved' ? after : 'stale';
    },
    { clock, ids },
  );
  return toReleaseView(release);
}
