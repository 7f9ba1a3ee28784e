import type { Downloads } from '#shared/capabilities/bucket.ts';
import { checkKey } from '#shared/capabilities/limits/object-key.ts';
import { expiryAfter } from '#shared/capabilities/limits/url-life.ts';
import type { World } from '#shared/world/world.ts';
import { LONGEST_LIFE_SECONDS, type UrlSigner } from './presigned-url.ts';

/**
 * Presigned downloads from one bucket. As with S3 a URL can be made before the object is there. A URL ends at a whole second: who asks
 * for the same object within one second gets the same URL, signed once.
 */
export class LocalDownloads implements Downloads {
  readonly #bucket: string;
  readonly #signer: UrlSigner;
  readonly #world: Pick<World, 'now'>;
  readonly #signed = new Map<string, string>();
  #signedUntilSeconds = 0;

  constructor(bucket: string, signer: UrlSigner, world: Pick<World, 'now'>) {
    this.#bucket = bucket;
    this.#signer = signer;
    this.#world = world;
  }

  async url(key: string, options: { readonly lifeSeconds: number }): Promise<string> {
    checkKey(key);
    const expiresAtSeconds = expiryAfter(this.#world, options.lifeSeconds, LONGEST_LIFE_SECONDS.GET);
    if (expiresAtSeconds !== this.#signedUntilSeconds) {
      this.#signed.clear();
      this.#signedUntilSeconds = expiresAtSeconds;
    }
    const known = this.#signed.get(key);
    if (known !== undefined) return known;
    const url = this.#signer.sign({ method: 'GET', bucket: this.#bucket, key, expiresAtSeconds });
    this.#signed.set(key, url);
    return url;
  }
}
