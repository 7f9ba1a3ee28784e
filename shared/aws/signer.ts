import { createHash, createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { AwsSource } from '#shared/capabilities/home.ts';
import type { Signer } from '#shared/capabilities/signer.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { calling } from './aws-error.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';

const newKmsClient = (): KMSClient => new KMSClient(CLIENT_SETTINGS);

/** The signer with the key whose ARN the variable holds. */
export function open({ resource, share }: AwsSource): Signer {
  return new KmsSigner(share(newKmsClient), resource);
}

/**
 * `Signer` on a key of KMS (`ECC_NIST_P256`, for signing). Only the digest leaves the function; the public half never changes,
 * and is asked for once.
 */
export class KmsSigner implements Signer {
  readonly #client: KMSClient;
  readonly #keyArn: string;
  #publicKeyPem: string | undefined;

  constructor(client: KMSClient, keyArn: string) {
    this.#client = client;
    this.#keyArn = keyArn;
  }

  async sign(message: Uint8Array): Promise<Uint8Array> {
    const request = new SignCommand({
      KeyId: this.#keyArn,
      Message: createHash('sha256').update(message).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    const { Signature } = await calling('kms:Sign', this.#keyArn, () => this.#client.send(request));
    if (Signature === undefined) throw new ConfigurationError(`${this.#keyArn} answered without a signature`);
    return Signature;
  }

  async publicKeyPem(): Promise<string> {
    this.#publicKeyPem ??= await this.#askForPublicKey();
    return this.#publicKeyPem;
  }

  async #askForPublicKey(): Promise<string> {
    const request = new GetPublicKeyCommand({ KeyId: this.#keyArn });
    const { PublicKey, KeySpec } = await calling('kms:GetPublicKey', this.#keyArn, () =>
      this.#client.send(request),
    );
    if (PublicKey === undefined || KeySpec !== 'ECC_NIST_P256')
      throw new ConfigurationError(`${this.#keyArn} is no key of the kind ECC_NIST_P256`);
    const key = createPublicKey({ key: Buffer.from(PublicKey), type: 'spki', format: 'der' });
    return key.export({ type: 'spki', format: 'pem' }).toString();
  }
}
