import type { Uploads } from '#shared/capabilities/bucket.ts';
import { planUpload } from '#shared/capabilities/limits/upload-plan.ts';
import { operator } from '#shared/contracts/actor.ts';
import { NotFoundError, RefusedError, WrongStateError } from '#shared/errors/errors.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { uploadableArtifact, uploadCompleted } from '../../domain/artifact-states.ts';
import { uploadKey } from '../../domain/object-keys.ts';
import { artifactFor, type Release } from '../../domain/release.ts';
import { toReleaseView } from '../../domain/views.ts';
import { type ChangeNeeds, changeRelease } from '../../steps/change-release.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string; readonly version: string; readonly hardware: string };
  readonly body: {
    readonly uploadId: string;
    readonly parts: readonly { readonly number: number; readonly etag: string }[];
  };
}

/**
 * Puts the parts together. A repeat, after the first answer was lost, shows how far the verification is. The state
 * `verifying` is written last and only if it is still news: the verdict may be there first.
 */
export async function completeUpload(
  { caller, params, body }: Request,
  { uploads, ...needs }: ChangeNeeds & { readonly uploads: Uploads },
) {
  const which = { tenant: caller.tenant, ...params };
  const { hardware } = params;
  const release = await needs.releases.get(which);
  if (artifactFor(release, hardware).state !== 'awaiting-upload') return toReleaseView(release);
  const { uploadId, sizeBytes } = uploadableArtifact(release, hardware);
  if (uploadId !== body.uploadId) {
    throw new WrongStateError('uploadId', 'must be the upload that was begun last for this artifact');
  }
  const parts = body.parts.toSorted((a, b) => a.number - b.number);
  const { partCount } = planUpload(sizeBytes);
  // S3 makes an object of the first parts alone as well, and the verdict on that would be final for this version.
  if (parts.length !== partCount || parts.some(({ number }, at) => number !== at + 1)) {
    throw new RefusedError('parts', `must name the parts 1 to ${partCount}, each once`);
  }
  try {
    await uploads.complete(uploadKey(which), body.uploadId, parts);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    // S3 forgets an upload that is complete, and its object goes with the verdict: where that came meanwhile, it is the answer.
    const judged = await needs.releases.get(which);
    if (artifactFor(judged, hardware).state === 'awaiting-upload') throw error;
    return toReleaseView(judged);
  }
  const decide = (before: Release) => uploadCompleted(before, hardware);
  return toReleaseView(await changeRelease(which, operator(caller.name), decide, needs));
}
