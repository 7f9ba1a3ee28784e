import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { readIfPresent, writeDurably } from '#host/files/durable-file.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';

const generate = promisify(generateKeyPair);

/** A new private key on P-256, with its public key. */
export function newKeyPair(): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  return generate('ec', { namedCurve: 'prime256v1' });
}

/** Makes a private key and keeps it at `path`, for its owner only (mode 0600). */
export async function makeKeyFile(path: string): Promise<KeyObject> {
  const { privateKey } = await newKeyPair();
  await writeDurably(path, toPem(privateKey), { mode: 0o600 });
  return privateKey;
}

/** The private key kept at `path`, if there is one; throws `ConfigurationError` when what is there is none. */
export async function readKeyFile(path: string): Promise<KeyObject | undefined> {
  const pem = await readIfPresent(path);
  if (pem === undefined) return undefined;
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new ConfigurationError(`${path} holds no private key in PEM`, { cause });
  }
}

/** A private key as PKCS#8 in PEM. */
export function toPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
