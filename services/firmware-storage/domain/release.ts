import type { ReleaseState } from '#shared/contracts/api/firmware.ts';
import type { Manifest } from '#shared/contracts/manifest.ts';
import { NotFoundError } from '#shared/errors/errors.ts';

/** From the promise of the manifest to bytes that are known to keep it; `verified` and `rejected` are final. */
export type ArtifactState = 'awaiting-upload' | 'verifying' | 'verified' | 'rejected';

/** The bytes for one hardware, as the manifest promises them, and how far they have come. */
export type Artifact = {
  readonly hardware: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly state: ArtifactState;
  /** The multipart upload that was begun last; absent before the first. */
  readonly uploadId?: string;
};

/** A version of a product: the signed manifest and the state of what it promises. */
export interface Release {
  readonly tenant: string;
  readonly product: string;
  readonly version: string;
  readonly sequence: number;
  readonly state: ReleaseState;
  /** Why it was rejected or revoked. */
  readonly reason?: string;
  /** The signed bytes, base64. */
  readonly manifest: string;
  readonly signature: { readonly keyId: string; readonly value: string };
  /** Lowest version that it may be installed from. */
  readonly fromMin?: string;
  readonly artifacts: readonly Artifact[];
  /** Milliseconds since 1970, as all times here. */
  readonly createdAtMs: number;
  readonly publishedAtMs?: number;
  /** Rises with every change: a save expects the one that was read. */
  readonly revision: number;
}

/** Which release. */
export type ReleaseId = Pick<Release, 'tenant' | 'product' | 'version'>;

/** What was signed, and by whom. */
export type SignedManifest = Pick<Release, 'manifest' | 'signature'>;

/** A new release of a manifest that has been verified. */
export function draftRelease(
  tenant: string,
  manifest: Manifest,
  signed: SignedManifest,
  createdAtMs: number,
): Release {
  const { product, version, sequence, artifacts, from } = manifest;
  return {
    tenant,
    product,
    version,
    sequence,
    state: 'draft',
    ...signed,
    ...(from?.min !== undefined && { fromMin: from.min }),
    artifacts: artifacts.map((artifact) => ({ ...artifact, state: 'awaiting-upload' })),
    createdAtMs,
    revision: 1,
  };
}

/** The release's artifact for `hardware`; throws `NotFoundError`. */
export function artifactFor(release: Release, hardware: string): Artifact {
  const artifact = release.artifacts.find((one) => one.hardware === hardware);
  if (artifact === undefined) {
    throw new NotFoundError('hardware', 'must be a hardware that the release has a build for');
  }
  return artifact;
}
