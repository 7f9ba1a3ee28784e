import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const CHUNK_BYTES = 256 * 1024;
/** See `copyDatabase`: a large file must not reach the disk all at once either. */
const FLUSHED_EACH_BYTES = 8 * 1024 * 1024;

/** What was copied of a file. */
export interface CopiedFile {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Copies a file to a new one with the same mode, and answers once its bytes are on disk; its entry is there once the directory is synced.
 * Throws what the file system throws.
 */
export async function copyFile(from: string, to: string): Promise<CopiedFile> {
  await using source = await open(from, 'r');
  const { mode } = await source.stat();
  await using target = await open(to, 'wx', mode & 0o777);
  // Whatever the umask takes away: a secret that only its owner may read stays readable for them.
  await target.chmod(mode & 0o777);
  const digest = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let sizeBytes = 0;
  let unflushedBytes = 0;
  for (;;) {
    const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES);
    if (bytesRead === 0) break;
    const bytes = chunk.subarray(0, bytesRead);
    digest.update(bytes);
    await target.writeFile(bytes);
    sizeBytes += bytesRead;
    unflushedBytes += bytesRead;
    if (unflushedBytes < FLUSHED_EACH_BYTES) continue;
    await target.datasync();
    unflushedBytes = 0;
  }
  await target.sync();
  return { sizeBytes, sha256: digest.digest('hex') };
}
