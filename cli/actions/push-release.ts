import { CreateRelease, GetProduct, GetRelease, type ReleaseView } from '#shared/contracts/api/firmware.ts';
import type { Manifest } from '#shared/contracts/manifest.ts';
import { signManifest } from '#shared/firmware/signature.ts';
import { pause } from '#shared/world/world.ts';
import type { ApiClient } from '../api-client.ts';
import { ApiError, FailedError } from '../errors.ts';
import { type ArtifactFile, type ReadArtifact, readArtifact, sizeOfFile } from './read-artifact.ts';
import { uploadArtifact } from './upload-artifact.ts';

/** A release to be made. */
export interface PushOptions {
  readonly product: string;
  readonly version: string;
  /** `auto`: one above the product's last. */
  readonly sequence: number | 'auto';
  readonly artifacts: readonly ArtifactFile[];
  /** Ed25519, PKCS#8 in PEM; it signs here and goes nowhere. */
  readonly privateKeyPem: string;
  /** The lowest version that it may be installed from. */
  readonly fromMin?: string | undefined;
  /** Parts sent at the same time, 4 unless told. */
  readonly parallel?: number;
  /** How long the verdict is waited for, 5 minutes unless told. */
  readonly verdictTimeoutMs?: number;
}

/** How far a push is. `bytes` and `totalBytes` are of the present step. */
export interface PushProgress {
  readonly step: 'hashing' | 'uploading' | 'verifying';
  readonly bytes: number;
  readonly totalBytes: number;
}

const PARALLEL = 4;
const VERDICT_TIMEOUT_MS = 300_000;
const LOOK_AGAIN_MS = 250;

/**
 * Makes a release of files: hashes, signs, creates, uploads, and waits until it is verified. A push that was interrupted goes on
 * when it is done again with the same files. Throws `FailedError` when the release is rejected (with the reason) or the verdict
 * does not come in time, else what the API refused.
 */
export async function pushRelease(
  client: ApiClient,
  options: PushOptions,
  onProgress: (progress: PushProgress) => void = () => undefined,
): Promise<ReleaseView> {
  const { product, version, parallel = PARALLEL } = options;
  const sizes = await Promise.all(options.artifacts.map(({ file }) => sizeOfFile(file)));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  const hashing = counter('hashing', totalBytes, onProgress);
  const artifacts: ReadArtifact[] = [];
  for (const one of options.artifacts) artifacts.push(await readArtifact(one, hashing));
  let release = (await unfinished(client, options, artifacts)) ?? (await create(client, options, artifacts));
  const uploading = counter('uploading', totalBytes, onProgress);
  for (const artifact of artifacts) {
    const state = release.artifacts.find(({ hardware }) => hardware === artifact.hardware)?.state;
    if (release.state !== 'draft' || state !== 'awaiting-upload') uploading(artifact.sizeBytes);
    else release = await uploadArtifact(client, { product, version, artifact, parallel, onSent: uploading });
  }
  onProgress({ step: 'verifying', bytes: totalBytes, totalBytes });
  return awaitVerdict(client, options, options.verdictTimeoutMs ?? VERDICT_TIMEOUT_MS);
}

/** Waits until a release is verified (or further). Throws `FailedError` when it is rejected or it takes too long. */
async function awaitVerdict(
  client: ApiClient,
  which: { readonly product: string; readonly version: string },
  timeoutMs: number,
): Promise<ReleaseView> {
  const { product, version } = which;
  const untilMs = client.world.monotonicMs() + timeoutMs;
  for (;;) {
    const release = await client.call(GetRelease, { params: { product, version } });
    if (release.state === 'rejected') {
      throw new FailedError(
        `${release.release} was rejected: ${release.reason ?? 'no reason was given'}`,
        'Build again and push it as a new version: what was rejected stays so.',
      );
    }
    if (release.state !== 'draft') return release;
    if (client.world.monotonicMs() >= untilMs) {
      throw new FailedError(
        `${release.release} is uploaded but was not verified in ${timeoutMs / 1000} s`,
        `Look later: evenkeel release show ${release.release}`,
      );
    }
    await pause(client.world, LOOK_AGAIN_MS);
  }
}

/** The release that an interrupted push of the same files left, if there is one. */
async function unfinished(
  client: ApiClient,
  { product, version, sequence }: PushOptions,
  artifacts: readonly ReadArtifact[],
): Promise<ReleaseView | undefined> {
  try {
    const found = await client.call(GetRelease, { params: { product, version } });
    const isSame =
      (sequence === 'auto' || sequence === found.sequence) &&
      found.artifacts.length === artifacts.length &&
      artifacts.every(({ hardware, sha256 }) =>
        found.artifacts.some((one) => one.hardware === hardware && one.sha256 === sha256),
      );
    return isSame ? found : undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

async function create(
  client: ApiClient,
  options: PushOptions,
  artifacts: readonly ReadArtifact[],
): Promise<ReleaseView> {
  const { product, version, fromMin, privateKeyPem } = options;
  const sequence = options.sequence === 'auto' ? await nextSequence(client, product) : options.sequence;
  const manifest: Manifest = {
    v: 1,
    product,
    version,
    sequence,
    artifacts: artifacts.map(({ hardware, sha256, sizeBytes }) => ({ hardware, sha256, sizeBytes })),
    ...(fromMin !== undefined && { from: { min: fromMin } }),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return client.call(CreateRelease, {
    body: { manifest: bytes.toString('base64'), signature: signManifest(bytes, privateKeyPem) },
  });
}

async function nextSequence(client: ApiClient, product: string): Promise<number> {
  const { lastSequence } = await client.call(GetProduct, { params: { product } });
  return lastSequence + 1;
}

function counter(
  step: PushProgress['step'],
  totalBytes: number,
  onProgress: (progress: PushProgress) => void,
): (bytes: number) => void {
  let bytes = 0;
  onProgress({ step, bytes, totalBytes });
  return (more) => {
    bytes += more;
    onProgress({ step, bytes, totalBytes });
  };
}
