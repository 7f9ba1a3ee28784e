import { createPrivateKey } from 'node:crypto';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import type { Downloads } from '#shared/capabilities/bucket.ts';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { checkKey } from '#shared/capabilities/limits/object-key.ts';
import { expiryAfter } from '#shared/capabilities/limits/url-life.ts';
import type { World } from '#shared/world/world.ts';
import { accessOf, ParameterStore } from './parameter-store.ts';
import { Secret } from './secret.ts';

/** Invariant 1 of the rollouts: what was withdrawn cannot be fetched for longer than a quarter of an hour. */
const LONGEST_LIFE_SECONDS = 900;

/** What download URLs are made of. */
export interface CloudFrontDownloadsParts {
  /** The distribution's domain name; its origin is the bucket. */
  readonly domain: string;
  /** By which CloudFront finds the public key. */
  readonly keyPairId: string;
  /** The private key in PEM: ECDSA on P-256, or RSA. */
  readonly signingKey: Secret<string>;
  readonly world: Pick<World, 'now'>;
}

/**
 * Downloads from the bucket that the variable names, through the distribution before it: its domain stands in
 * `<variable>_DOMAIN`, its key in `<variable>_KEY_PAIR_ID`, and the name of the parameter that holds the private half in
 * `<variable>_SIGNING_KEY`.
 */
export function open(source: AwsSource): Downloads {
  const { variable, setting, world } = source;
  const parameters = new ParameterStore(accessOf(source), world);
  return new CloudFrontDownloads({
    domain: setting(`${variable}_DOMAIN`),
    keyPairId: setting(`${variable}_KEY_PAIR_ID`),
    signingKey: new Secret(parameters, setting(`${variable}_SIGNING_KEY`), privateKeyIn),
    world,
  });
}

/**
 * `Downloads` by signed URLs of CloudFront with a canned policy: one URL, one end, made without asking anybody once the key
 * is read. CloudFront serves Range and If-Range, and gives what the bucket's policy lets its distribution read.
 */
export class CloudFrontDownloads implements Downloads {
  readonly #parts: CloudFrontDownloadsParts;

  constructor(parts: CloudFrontDownloadsParts) {
    this.#parts = parts;
  }

  async url(key: string, { lifeSeconds }: { readonly lifeSeconds: number }): Promise<string> {
    checkKey(key);
    const { domain, keyPairId, signingKey, world } = this.#parts;
    expiryAfter(world, lifeSeconds, LONGEST_LIFE_SECONDS);
    const privateKey = await signingKey.value();
    return getSignedUrl({
      url: `https://${domain}/${key}`,
      keyPairId,
      privateKey,
      // Reading the key may have taken its time: the URL lives from now.
      dateLessThan: expiryAfter(world, lifeSeconds, LONGEST_LIFE_SECONDS) * 1000,
      algorithm: 'SHA256',
    });
  }
}

/** A private key in PEM, as it came; `undefined` for anything else. */
export function privateKeyIn(pem: string): string | undefined {
  try {
    createPrivateKey(pem);
    return pem;
  } catch {
    // What OpenSSL says of it would say something of a secret.
    return undefined;
  }
}
