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

/** A release as the API shows it. */
export function toReleaseView(one: Release): ReleaseView {
  const { product, version, sequence, signature, state, reason, artifacts, createdAtMs, publishedAtMs } = one;
  return {
    release: `${product}/${version}`,
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
