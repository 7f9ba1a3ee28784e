import { open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAbsent } from '#shared/program/error-code.ts';
import { fileFault } from './file-fault.ts';

/** Makes the names of unfinished files differ within this process, as its id does between processes. */
let writes = 0;

/**
 * Puts `bytes` at `path` whole or not at all, and answers once they would survive a loss of power: a new file beside it is
 * written, synced and renamed over it, and the directory is synced (fsync(2): a file's sync does not cover its entry). Throws
 * `ConfigurationError` for a place that people have to mend.
 */
export async function writeDurably(
  path: string,
  bytes: Uint8Array | string,
  options: { readonly mode: number },
): Promise<void> {
  const beside = `${path}.${process.pid}-${writes++}.new`;
  try {
    // A leftover would keep its old mode.
    await removeIfPresent(beside);
    {
      await using handle = await open(beside, 'wx', options.mode);
      await handle.writeFile(bytes);
      await handle.sync();
    }
    await rename(beside, path);
  } catch (error) {
    throw fileFault(path, error);
  }
  await syncDirectory(dirname(path));
}

/** Makes the entries of a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}

/** The bytes of a file, or `undefined` when there is none. Throws `ConfigurationError` for one that people have to mend. */
export async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw fileFault(path, error);
  }
}

/** Removes a file; one that is absent is no error. Throws `ConfigurationError` for what people have to remove. */
export async function removeIfPresent(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isAbsent(error)) throw fileFault(path, error);
  }
}
