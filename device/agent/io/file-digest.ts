import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Answers the lower-case hex sha256 of a file's bytes. */
export type FileDigest = (path: string) => Promise<string>;

/** Reads the whole file, in constant memory. */
export const fileDigest: FileDigest = async (path) => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) hash.update(chunk);
  return hash.digest('hex');
};

/**
 * The same for many devices whose slots are hard links to few files: each file (device, inode, size, time of change) is read
 * once. At most `MOST_KNOWN` are remembered.
 */
export function sharedFileDigest(): FileDigest {
  const known = new Map<string, Promise<string>>();
  return async (path) => {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    const key = `${dev}:${ino}:${size}:${mtimeNs}`;
    const digest = known.get(key) ?? fileDigest(path);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, digest);
    return digest;
  };
}

const MOST_KNOWN = 1_000;
