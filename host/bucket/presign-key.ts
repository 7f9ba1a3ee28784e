import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '#host/files/durable-file.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';

const KEY_BYTES = 32;

/**
 * The key that signs URLs, `presign.key` in `directory` (made, mode 0600, when it is not there). Throws
 * `ConfigurationError` when what is there is no such key: a new one would silently end every URL in use.
 */
export async function presignKey(directory: string, world: Pick<World, 'randomBytes'>): Promise<Uint8Array> {
  const path = join(directory, 'presign.key');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await readIfPresent(path);
  if (found === undefined) {
    const key = world.randomBytes(KEY_BYTES);
    await writeDurably(path, key, { mode: 0o600 });
    return key;
  }
  if (found.length !== KEY_BYTES)
    throw new ConfigurationError(
      `${path} must hold ${KEY_BYTES} bytes: put the file back from a backup; where there is none, remove it to hear what else can be done`,
    );
  return found;
}
