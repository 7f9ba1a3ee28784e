import { createHash } from 'node:crypto';
import type { UploadedBytes } from '../../domain/judge-upload.ts';

/**
 * Size and sha256 of a stream of any length, one chunk in memory at a time; reading stops as soon as there are more than
 * `mostBytes`.
 */
export async function digestBytes(
  bytes: AsyncIterable<Uint8Array>,
  mostBytes: number,
): Promise<UploadedBytes> {
  const digest = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) return { isWhole: false };
    digest.update(chunk);
  }
  return { isWhole: true, sizeBytes, sha256: digest.digest('hex') };
}
