import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { canonicalPublicKey } from '#shared/firmware/signature.ts';

const PEM_BLOCK = /-----BEGIN (PUBLIC|PRIVATE) KEY-----[^-]+-----END \1 KEY-----/g;

/**
 * Public signing keys from PEM files, several to a file allowed; of a private key only the public half is taken. Throws
 * `ConfigurationError`, which names the file, where it holds none, or one that is not Ed25519.
 */
export async function readKeys(paths: readonly string[]): Promise<string[]> {
  const keys = await Promise.all(paths.map(readFileKeys));
  return keys.flat();
}

async function readFileKeys(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConfigurationError(`the keys in ${path} cannot be read`, { cause: error });
  });
  const blocks = text.match(PEM_BLOCK) ?? [];
  if (blocks.length === 0) throw new ConfigurationError(`${path} holds no key in PEM`);
  return blocks.map((pem) => {
    try {
      return canonicalPublicKey(createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString());
    } catch (cause) {
      throw new ConfigurationError(`${path} holds a key that is not Ed25519`, { cause });
    }
  });
}
