import { RefusedError } from '#shared/errors/errors.ts';

const MEBIBYTE = 1024 * 1024;
/** S3: an object is at most 5 TiB, an upload at most 10,000 parts, a part (but the last) at least 5 MiB. */
const LARGEST_OBJECT_BYTES = 5 * 1024 * 1024 * MEBIBYTE;
const MOST_PARTS = 10_000;
const USUAL_PART_BYTES = 8 * MEBIBYTE;

/** How an upload of some size is cut into parts. */
export interface UploadPlan {
  readonly partSizeBytes: number;
  readonly partCount: number;
}

/** Parts of 8 MiB, or of as many whole MiB as it takes to need no more than 10,000. Throws `RefusedError` for a size S3 does not take. */
export function planUpload(sizeBytes: number): UploadPlan {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1 || sizeBytes > LARGEST_OBJECT_BYTES) {
    throw new RefusedError('sizeBytes', `must be a whole number from 1 to ${LARGEST_OBJECT_BYTES}`);
  }
  const leastPartBytes = Math.ceil(sizeBytes / MOST_PARTS / MEBIBYTE) * MEBIBYTE;
  const partSizeBytes = Math.max(USUAL_PART_BYTES, leastPartBytes);
  return { partSizeBytes, partCount: Math.ceil(sizeBytes / partSizeBytes) };
}

/** The exact length of part `number` (from 1), or `undefined` when the upload has no such part. */
export function sizeOfPart(
  upload: { readonly sizeBytes: number; readonly partSizeBytes: number },
  number: number,
): number | undefined {
  const beforeBytes = (number - 1) * upload.partSizeBytes;
  if (number < 1 || beforeBytes >= upload.sizeBytes) return undefined;
  return Math.min(upload.partSizeBytes, upload.sizeBytes - beforeBytes);
}
