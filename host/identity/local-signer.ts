import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Signer } from '#shared/capabilities/signer.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { makeKeyFile, readKeyFile } from './key-file.ts';

const signInBackground = promisify(sign);

/** What a person does about a file that holds no such key. */
const RESTORED =
  'put the file back from a backup; where there is none, remove it to hear what else can be done';

/**
 * Opens the signer of a home: its key is `seal.key` in `directory` (made, mode 0600, when it is not there). Throws
 * `ConfigurationError` when what is there is no key on P-256: with a new one nothing that was signed would hold any more.
 */
export async function openSigner(directory: string): Promise<LocalSigner> {
  const path = join(directory, 'seal.key');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const key = (await readKeyFile(path, RESTORED)) ?? (await makeKeyFile(path));
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new ConfigurationError(`${path} holds no private key on P-256: ${RESTORED}`);
  return new LocalSigner(key);
}

/** `Signer` with a key in this process. */
class LocalSigner implements Signer {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  sign(message: Uint8Array): Promise<Uint8Array> {
    return signInBackground('sha256', message, this.#key);
  }

  async publicKeyPem(): Promise<string> {
    return createPublicKey(this.#key).export({ type: 'spki', format: 'pem' }).toString();
  }
}
