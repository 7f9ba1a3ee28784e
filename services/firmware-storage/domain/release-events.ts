import type { ReleasePublished, ReleaseRevoked } from '#shared/contracts/events/release-events.ts';
import { artifactKey } from './object-keys.ts';
import type { Release } from './release.ts';

/** What the bus is told of a release that was published; `id` is the outbox id. */
export function releasePublished(release: Release, id: string, atMs: number): ReleasePublished {
  const { manifest, signature, artifacts, fromMin } = release;
  return {
    ...envelope(release, id, atMs),
    manifest,
    signature,
    artifacts: artifacts.map(({ hardware, sha256, sizeBytes }) => ({
      hardware,
      sha256,
      sizeBytes,
      key: artifactKey(sha256),
    })),
    ...(fromMin !== undefined && { fromMin }),
  };
}

/** What the bus is told of a published release that is to be withdrawn. */
export function releaseRevoked(release: Release, id: string, atMs: number): ReleaseRevoked {
  return { ...envelope(release, id, atMs), reason: release.reason ?? '' };
}

function envelope({ tenant, product, version, sequence }: Release, id: string, atMs: number) {
  return { id, v: 1 as const, tenant, atMs, product, version, sequence };
}
