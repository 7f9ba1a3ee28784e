import { operator } from '#shared/contracts/actor.ts';
import { WrongStateError } from '#shared/errors/errors.ts';
import { readManifest } from '#shared/firmware/read-manifest.ts';
import { type ManifestSignature, verifyManifest } from '#shared/firmware/signature.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { refuseManifest, trustedKeys } from '../../domain/product.ts';
import { draftRelease } from '../../domain/release.ts';
import { toReleaseView } from '../../domain/views.ts';
import type { ChangeNeeds } from '../../steps/change-release.ts';
import { untilSaved } from '../../steps/until-saved.ts';
import type { ProductStore } from '../../stores/product-store.ts';

interface Request {
  readonly caller: Caller;
  readonly body: { readonly manifest: string; readonly signature: ManifestSignature };
}

/** Makes a draft of a manifest that a key of its product has signed; its sequence and version are taken from then on. */
export async function createRelease(
  { caller, body }: Request,
  { products, releases, clock, ids }: ChangeNeeds & { readonly products: ProductStore },
) {
  const { tenant } = caller;
  const bytes = Buffer.from(body.manifest, 'base64');
  // Only the product's own keys count, so its name must be read before anything is known to be signed.
  const { product: name } = readManifest(bytes);
  const release = await untilSaved(
    async () => {
      const product = await products.get({ tenant, product: name });
      const manifest = verifyManifest(bytes, body.signature, trustedKeys(product));
      if ((await releases.find({ tenant, product: name, version: manifest.version })) !== undefined) {
        throw new WrongStateError('version', 'must be one that no release of the product has yet');
      }
      const atMs = clock.now();
      refuseManifest(product, manifest, atMs);
      const signed = { manifest: bytes.toString('base64'), signature: body.signature };
      const draft = draftRelease(tenant, manifest, signed, atMs);
      const decided = { id: ids.next(), atMs, actor: operator(caller.name) };
      const saved = await releases.create(draft, product, decided);
      return saved === 'saved' ? draft : saved;
    },
    { clock, ids },
  );
  return toReleaseView(release);
}
