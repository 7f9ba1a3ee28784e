import { operator } from '#shared/contracts/actor.ts';
import { canonicalPublicKey, keyIdOf } from '#shared/firmware/signature.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { withSigningKey } from '../../domain/product.ts';
import { toProductView } from '../../domain/views.ts';
import { type SaveNeeds, untilSaved } from '../../steps/until-saved.ts';
import type { ProductStore } from '../../stores/product-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string };
  readonly body: { readonly name: string; readonly publicKey: string };
}

/** Adds an Ed25519 key to those that sign releases of the product; what devices trust is not decided here. */
export async function addSigningKey(
  { caller, params, body }: Request,
  { products, clock, ids }: SaveNeeds & { readonly products: ProductStore },
) {
  const publicKeyPem = canonicalPublicKey(body.publicKey);
  const keyId = keyIdOf(publicKeyPem);
  const product = await untilSaved(
    async () => {
      const before = await products.get({ tenant: caller.tenant, ...params });
      const atMs = clock.now();
      const key = { keyId, name: body.name, publicKeyPem, addedAtMs: atMs };
      const after = withSigningKey(before, key);
      const decided = { id: ids.next(), atMs, actor: operator(caller.name) };
      const saved = await products.saveKeys({ before, after, key }, decided);
      return saved === 'saved' ? after : saved;
    },
    { clock, ids },
  );
  return toProductView(product);
}
