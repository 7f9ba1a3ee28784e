import type { Downloads } from '#shared/capabilities/bucket.ts';
import type { OfferedRelease } from '#shared/contracts/device/offer.ts';
import type { ReleaseArtifact } from '../domain/decision/active-rollout.ts';
import type { ServedRollout } from './active-rollouts.ts';

/** Issued URLs live at most 15 minutes (invariant 1). */
const URL_LIFE_SECONDS = 900;

/** What a device is offered of a rollout: what the manufacturer signed, and where to get it for the next minutes. */
export async function offeredRelease(
  { record, releaseFacts }: ServedRollout,
  { key, sha256, sizeBytes }: ReleaseArtifact,
  firmware: Downloads,
  nowMs: number,
): Promise<OfferedRelease> {
  const { version, sequence, manifest, signature } = releaseFacts;
  const url = await firmware.url(key, { lifeSeconds: URL_LIFE_SECONDS });
  return {
    release: record.document.release,
    version,
    sequence,
    manifest,
    signature,
    artifact: { sha256, sizeBytes, url },
    expiresAtMs: nowMs + URL_LIFE_SECONDS * 1000,
  };
}
