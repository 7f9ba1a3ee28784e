import type { ReleaseState } from '#shared/contracts/api/firmware.ts';
import { WrongStateError } from '#shared/errors/errors.ts';
import { type Artifact, artifactFor, type Release } from './release.ts';

/** The only ways a release goes, all of them forward. `rejected` and `revoked` are final. */
export const NEXT_STATES: Readonly<Record<ReleaseState, readonly ReleaseState[]>> = {
  draft: ['verified', 'rejected', 'revoked'],
  verified: ['published', 'revoked'],
  published: ['revoking'],
  revoking: ['revoked'],
  rejected: [],
  revoked: [],
};

/** The release with something changed: one revision on. Throws `WrongStateError` when that is no way a release goes. */
export function changed(release: Release, facts: Partial<Release>): Release {
  const { state } = facts;
  if (state !== undefined && state !== release.state && !NEXT_STATES[release.state].includes(state)) {
    throw new WrongStateError('state', `cannot become ${state}, because it is ${release.state}`);
  }
  return { ...release, ...facts, revision: release.revision + 1 };
}

/** The published release; `undefined` if it is published already. Throws `WrongStateError` unless it is verified. */
export function published(release: Release, publishedAtMs: number): Release | undefined {
  if (release.state === 'published') return undefined;
  if (release.state !== 'verified') {
    throw new WrongStateError('state', `must be verified to be published, but is ${release.state}`);
  }
  return changed(release, { state: 'published', publishedAtMs });
}

/**
 * The release on its way out: at once when no device can have heard of it, else until the orchestrator acknowledges.
 * `undefined` if it is on that way already. Throws `WrongStateError` for a rejected one.
 */
export function revoked(release: Release, reason: string): Release | undefined {
  if (release.state === 'revoking' || release.state === 'revoked') return undefined;
  if (release.state === 'rejected') {
    throw new WrongStateError('state', 'must not be rejected: such a release can never be published');
  }
  return changed(release, { state: release.state === 'published' ? 'revoking' : 'revoked', reason });
}

/** The release once the orchestrator has withdrawn it; `undefined` when nobody is waiting for that. */
export function withdrawn(release: Release): Release | undefined {
  return release.state === 'revoking' ? changed(release, { state: 'revoked' }) : undefined;
}

/** The artifact whose bytes may be fetched now. Throws `NotFoundError` for another hardware, else `WrongStateError`. */
export function downloadableArtifact(release: Release, hardware: string): Artifact {
  const artifact = artifactFor(release, hardware);
  if (release.state !== 'verified' && release.state !== 'published') {
    throw new WrongStateError(
      'state',
      `must be verified or published to be downloaded, but is ${release.state}`,
    );
  }
  return artifact;
}
