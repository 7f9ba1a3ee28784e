import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readIfPresent, writeDurably } from '#host/files/durable-file.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { keyToPem, newKeyPair } from '#shared/x509/key-pair.ts';

/** Makes a private key and keeps it at `path`, for its owner only (mode 0600). */
export async function makeKeyFile(path: string): Promise<KeyObject> {
  const { privateKey } = await newKeyPair();
  await writeDurably(path, keyToPem(privateKey), { mode: 0o600 });
  return privateKey;
}

/** The private key kept at `path`, if there is one; throws `ConfigurationError` with the `remedy` when what is there is none. */
export async function readKeyFile(path: string, remedy: string): Promise<KeyObject | undefined> {
  const pem = await readIfPresent(path);
  if (pem === undefined) return undefined;
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new ConfigurationError(`${path} holds no private key in PEM: ${remedy}`, { cause });
  }
}
