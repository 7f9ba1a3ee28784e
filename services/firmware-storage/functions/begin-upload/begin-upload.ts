import type { Upload, Uploads } from '#shared/capabilities/bucket.ts';
import { operator } from '#shared/contracts/actor.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { uploadableArtifact, uploadBegun } from '../../domain/artifact-states.ts';
import { uploadKey } from '../../domain/object-keys.ts';
import { artifactFor, type Release } from '../../domain/release.ts';
import { type ChangeNeeds, changeRelease } from '../../steps/change-release.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string; readonly version: string; readonly hardware: string };
}

/** Enough for 2 GB over 5 Mbit/s; a slower line asks again and gets new URLs for the same upload. */
const LIFE_SECONDS = 3600;

/**
 * Begins the upload of one artifact, or goes on with the one that was begun before while the bucket still has it. Of two
 * that begin at once both get the same upload.
 */
export async function beginUpload(
  { caller, params }: Request,
  { uploads, ...needs }: ChangeNeeds & { readonly uploads: Uploads },
) {
  const which = { tenant: caller.tenant, ...params };
  const { hardware } = params;
  const { sizeBytes, uploadId } = uploadableArtifact(await needs.releases.get(which), hardware);
  const key = uploadKey(which);
  const options = { sizeBytes, lifeSeconds: LIFE_SECONDS };
  const present = uploadId === undefined ? undefined : await renewed(uploads, key, uploadId, options);
  if (present !== undefined) return toView(present);
  const begun = await uploads.begin(key, options);
  const decide = (release: Release) => uploadBegun(release, hardware, begun.uploadId, uploadId);
  const release = await changeRelease(which, operator(caller.name), decide, needs);
  const winner = artifactFor(release, hardware).uploadId ?? begun.uploadId;
  if (winner === begun.uploadId) return toView(begun);
  await uploads.abort(key, begun.uploadId);
  return toView(await uploads.renew(key, winner, options));
}

/** New URLs for an upload that was begun before; `undefined` when the bucket has given it up. */
async function renewed(
  uploads: Uploads,
  key: string,
  uploadId: string,
  options: { readonly sizeBytes: number; readonly lifeSeconds: number },
): Promise<Upload | undefined> {
  try {
    return await uploads.renew(key, uploadId, options);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

function toView({ uploadId, partSizeBytes, parts, expiresAtMs }: Upload) {
  return { uploadId, partSizeBytes, parts: [...parts], expiresAtMs };
}
