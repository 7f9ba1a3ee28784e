import type { ProductView, ReleaseView } from '#shared/contracts/api/firmware.ts';
import type { Product } from './product.ts';
import type { Release } from './release.ts';

/** A product as the API shows it. */
export function toProductView(one: Product): ProductView {
  const { product, hardware, keys, lastSequence, createdAtMs } = one;
  return {
    product,
    hardware: [...hardware],
    keys: keys.map(({ keyId, name, addedAtMs, withdrawn }) => ({
      keyId,
      name,
      addedAtMs,
      ...(withdrawn !== undefined && { withdrawn }),
    })),
    lastSequence,
    createdAtMs,
  };
}

/**
 * The name of a release. Builds from before 28 November 2026, 14:20 UTC, took a version with white space at its end, which no name of a
 * release may have: it is written as in an address (`%0D`), so that such a one can be listed, named and revoked.
 */
const nameOf = ({ product, version }: Pick<Release, 'product' | 'version'>): string =>
  `${product}/${version.replaceAll(/\s/g, encodeURIComponent)}`;

/** A release as the API shows it. */
export function toReleaseView(one: Release): ReleaseView {
  const { product, version, sequence, signature, state, reason, artifacts, createdAtMs, publishedAtMs } = one;
  return {
    release: nameOf(one),
    product,
    version,
    sequence,
    keyId: signature.keyId,
    state,
    ...(reason !== undefined && { reason }),
    artifacts: artifacts.map((artifact) => ({
      hardware: artifact.hardware,
      sha256: artifact.sha256,
      sizeBytes: artifact.sizeBytes,
      state: artifact.state,
    })),
    createdAtMs,
    ...(publishedAtMs !== undefined && { publishedAtMs }),
  };
}
