import { open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts `text` at `path` whole or not at all (mode 0600), through a file beside it. With `durable` it answers only once that
 * would survive a loss of power: the file is synced before the rename and the directory after it (fsync(2)).
 */
export async function replaceFile(
  path: string,
  text: string,
  { durable }: { readonly durable: boolean },
): Promise<void> {
  const beside = `${path}.new`;
  if (!durable) {
    await writeFile(beside, text, { mode: 0o600 });
    await rename(beside, path);
    return;
  }
  {
    await using file = await open(beside, 'w', 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(beside, path);
  await syncToDisk(dirname(path));
}

/** Resolves once a file's bytes, or the entries of a directory, would survive a loss of power (fsync(2)). */
export async function syncToDisk(path: string): Promise<void> {
  await using opened = await open(path, 'r');
  await opened.sync();
}
