import type { Downloads } from '#shared/capabilities/bucket.ts';
import type { Clock } from '#shared/capabilities/clock.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { artifactKey } from '../../domain/object-keys.ts';
import { downloadableArtifact } from '../../domain/release-states.ts';
import type { ReleaseStore } from '../../stores/release-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string; readonly version: string; readonly hardware: string };
}

interface DownloadNeeds {
  readonly releases: ReleaseStore;
  readonly downloads: Downloads;
  readonly clock: Clock;
}

/** Invariant 1 of the rollouts: what is revoked cannot be fetched for longer than a quarter of an hour. */
const LIFE_SECONDS = 900;

/** A URL for the verified bytes of one artifact, for people and their tools; devices get theirs with an offer. */
export async function createDownloadUrl(
  { caller, params }: Request,
  { releases, downloads, clock }: DownloadNeeds,
) {
  const release = await releases.get({ tenant: caller.tenant, ...params });
  const { sha256, sizeBytes } = downloadableArtifact(release, params.hardware);
  // Presigned URLs end at a whole second; the answer must not promise more.
  const expiresAtMs = (Math.floor(clock.now() / 1000) + LIFE_SECONDS) * 1000;
  const url = await downloads.url(artifactKey(sha256), { lifeSeconds: LIFE_SECONDS });
  return { url, sha256, sizeBytes, expiresAtMs };
}
