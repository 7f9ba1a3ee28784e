import { S3Client } from '@aws-sdk/client-s3';
import { translated } from './aws-error.ts';
import { PATIENT_SETTINGS } from './client-settings.ts';

/**
 * Settings of the client of bucket, uploads and downloads. Checksums only where S3 demands them: by default the SDK signs
 * the CRC of an empty body into presigned part URLs, which then refuse every other body.
 */
export const S3_SETTINGS = {
  ...PATIENT_SETTINGS,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;

/** The one client of a function's bucket, uploads and downloads. */
export const newS3Client = (): S3Client => new S3Client(S3_SETTINGS);

/** What S3 calls an object, version or upload that is not there; a HEAD has no body, and so only the status. */
const ABSENT = new Set(['NoSuchKey', 'NoSuchVersion', 'NoSuchUpload', 'NotFound']);

/** Runs a call; `undefined` when S3 says that the object, version or upload is not there. Throws our errors. */
export async function ifPresent<Answer>(
  action: string,
  resource: string,
  call: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && ABSENT.has(error.name)) return undefined;
    throw translated(error, action, resource);
  }
}

/** An ETag as S3 gives it stands in quotes (RFC 9110, section 8.8.3); ours do not. */
export const unquoted = (etag: string | undefined): string => (etag ?? '').replace(/^"(.*)"$/, '$1');
