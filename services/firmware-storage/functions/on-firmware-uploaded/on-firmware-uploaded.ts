import type { Bucket } from '#shared/capabilities/bucket.ts';
import { AUTOMATIC } from '#shared/contracts/actor.ts';
import { EvenkeelError } from '#shared/errors/errors.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { UploadedObject } from '#shared/lambda/on-upload.ts';
import { awaitsVerdict, uploadJudged } from '../../domain/artifact-states.ts';
import { judgeUpload, mostBytesOf } from '../../domain/judge-upload.ts';
import { artifactKey, readUploadKey } from '../../domain/object-keys.ts';
import type { Artifact, Release } from '../../domain/release.ts';
import { type ChangeNeeds, changeRelease } from '../../steps/change-release.ts';
import { digestBytes } from './digest-bytes.ts';

type UploadNeeds = ChangeNeeds & { readonly firmware: Bucket };

/** The very object version that was uploaded. */
type ObjectVersion = Pick<UploadedObject, 'key' | 'version'>;

/**
 * Verifies one object version, keeps its bytes, notes the verdict and removes the upload, in this order: whatever stops it
 * half-way, the event comes again and finds the verdict missing. The removal leaves older versions readable, so that a
 * second event for the same key still finds its own.
 */
export async function onFirmwareUploaded(
  object: UploadedObject,
  needs: UploadNeeds,
  call: Call,
): Promise<void> {
  const { firmware, releases } = needs;
  const target = readUploadKey(object.key);
  const release = target && (await releases.find(target));
  const artifact = release?.artifacts.find(({ hardware }) => hardware === target?.hardware);
  if (release === undefined || artifact === undefined) {
    call.log.warn('an upload belongs to no release and is removed', { key: object.key });
    call.count('UploadWithoutRelease');
  } else if (awaitsVerdict(release, artifact)) {
    await decide(object, release, artifact, needs, call);
  }
  await firmware.remove(object.key);
}

async function decide(
  object: ObjectVersion,
  release: Release,
  artifact: Artifact,
  { firmware, ...needs }: UploadNeeds,
  call: Call,
): Promise<void> {
  const { artifacts } = release;
  const bytes = await firmware.read(object.key, { version: object.version });
  if (bytes === undefined)
    throw new EvenkeelError('upload-gone', `${object.key} has no such version any more`);
  const verdict = judgeUpload(artifact, artifacts, await digestBytes(bytes, mostBytesOf(artifacts)));
  if (verdict.outcome === 'verified') {
    await keep(object, artifact, firmware);
  } else {
    const { field, rule } = verdict;
    call.log.warn('an upload breaks its manifest', { key: object.key, field, rule });
    call.count('UploadRejected');
  }
  await changeRelease(release, AUTOMATIC, (now) => uploadJudged(now, artifact.hardware, verdict), needs);
}

/** Copies the version that was verified to its content address, unless those bytes are there already. */
async function keep(object: ObjectVersion, { sha256, sizeBytes }: Artifact, firmware: Bucket): Promise<void> {
  const key = artifactKey(sha256);
  const kept = await firmware.head(key);
  if (kept === undefined) {
    if (!(await firmware.copy(object, key))) {
      throw new EvenkeelError('upload-gone', `${object.key} has no such version any more`);
    }
  } else if (kept.sizeBytes !== sizeBytes) {
    throw new EvenkeelError('artifact-damaged', `${key} has ${kept.sizeBytes} bytes instead of ${sizeBytes}`);
  }
}
