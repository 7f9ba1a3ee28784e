import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UsageError } from '../errors.ts';

/** A file that is to be the artifact of one hardware. */
export interface ArtifactFile {
  readonly hardware: string;
  readonly file: string;
}

/** The same with what the manifest says of it. */
export interface ReadArtifact extends ArtifactFile {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Streams a file through sha256; `onRead` hears of every piece. Throws `UsageError` for a file that cannot be read or is empty. */
export async function readArtifact(
  { hardware, file }: ArtifactFile,
  onRead: (bytes: number) => void,
): Promise<ReadArtifact> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of createReadStream(file)) {
      // A stream of a file without an encoding gives buffers.
      const bytes = chunk as Buffer;
      hash.update(bytes);
      sizeBytes += bytes.length;
      onRead(bytes.length);
    }
  } catch (error) {
    throw new UsageError(`cannot read the firmware from ${file}: ${String(error)}`, { cause: error });
  }
  if (sizeBytes === 0) throw new UsageError(`${file} is empty`);
  return { hardware, file, sha256: hash.digest('hex'), sizeBytes };
}

/** Size of a file in bytes, for progress. Throws `UsageError` where there is none. */
export async function sizeOfFile(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new UsageError(`${file} is not a file`);
    return found.size;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read the firmware from ${file}: there is no such file`, { cause: error });
  }
}
