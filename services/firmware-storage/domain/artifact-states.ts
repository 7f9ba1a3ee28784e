import { WrongStateError } from '#shared/errors/errors.ts';
import type { UploadVerdict } from './judge-upload.ts';
import { type Artifact, artifactFor, type Release } from './release.ts';
import { changed } from './release-states.ts';

/**
 * The artifact that may be uploaded now. Throws `NotFoundError` for another hardware and `WrongStateError` once the release
 * is decided or the upload complete: a rejected artifact rejects its release, and new bytes want a new version.
 */
export function uploadableArtifact(release: Release, hardware: string): Artifact {
  const artifact = artifactFor(release, hardware);
  if (release.state !== 'draft') {
    throw new WrongStateError('state', `must be draft to take an upload, but is ${release.state}`);
  }
  if (artifact.state !== 'awaiting-upload') {
    throw new WrongStateError('hardware', `must be awaiting its upload, but is ${artifact.state}`);
  }
  return artifact;
}

/**
 * The release with a new upload in the place of the one that was read (`replaces`); `undefined` when somebody else has begun
 * one meanwhile. Throws as `uploadableArtifact` does.
 */
export function uploadBegun(
  release: Release,
  hardware: string,
  uploadId: string,
  replaces: string | undefined,
): Release | undefined {
  const artifact = uploadableArtifact(release, hardware);
  return artifact.uploadId === replaces
    ? changed(release, { artifacts: artifactsWith(release, { ...artifact, uploadId }) })
    : undefined;
}

/** The release once an upload is complete; `undefined` when its verdict came first. */
export function uploadCompleted(release: Release, hardware: string): Release | undefined {
  const artifact = artifactFor(release, hardware);
  if (release.state !== 'draft' || artifact.state !== 'awaiting-upload') return undefined;
  return changed(release, { artifacts: artifactsWith(release, { ...artifact, state: 'verifying' }) });
}

/** Whether a verdict on the bytes of that artifact would still change anything. */
export function awaitsVerdict(release: Release, artifact: Artifact): boolean {
  return release.state === 'draft' && artifact.state !== 'verified' && artifact.state !== 'rejected';
}

/** The release after a verdict: verified with its last artifact, rejected with its first bad one; `undefined` if decided before. */
export function uploadJudged(
  release: Release,
  hardware: string,
  verdict: UploadVerdict,
): Release | undefined {
  const artifact = artifactFor(release, hardware);
  if (!awaitsVerdict(release, artifact)) return undefined;
  const artifacts = artifactsWith(release, { ...artifact, state: verdict.outcome });
  if (verdict.outcome === 'rejected') {
    return changed(release, { artifacts, state: 'rejected', reason: `${verdict.field}: ${verdict.rule}` });
  }
  const isWhole = artifacts.every(({ state }) => state === 'verified');
  return changed(release, { artifacts, ...(isWhole && { state: 'verified' }) });
}

function artifactsWith(release: Release, artifact: Artifact): Artifact[] {
  return release.artifacts.map((one) => (one.hardware === artifact.hardware ? artifact : one));
}
