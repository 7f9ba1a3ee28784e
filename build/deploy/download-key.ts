import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { AwsClients } from './aws-clients.ts';
import { DeployError } from './deploy-error.ts';
import { readParameter, removeParameter } from './written-down.ts';

/** Where functions find the key that signs download addresses (PKCS#8), and the distribution the one that proves them (SPKI). */
export const downloadKeyNames = (stage: string) => ({
  signing: `/evenkeel/${stage}/download-signing-key`,
  public: `/evenkeel/${stage}/download-public-key`,
});

/**
 * Makes the key pair of a stage's download addresses, unless it is there. ECDSA on P-256, which CloudFront takes and functions
 * sign with four times as fast as with RSA (docs/decisions, downloads through CloudFront). A half of a pair is completed where that can be done: throws `DeployError` where it cannot.
 */
export async function ensureDownloadKey(
  aws: Pick<AwsClients, 'ssm'>,
  stage: string,
): Promise<'made' | 'there'> {
  const names = downloadKeyNames(stage);
  const signingPem = await readParameter(aws, names.signing);
  const publicPem = await readParameter(aws, names.public);
  if (signingPem === undefined) {
    if (publicPem !== undefined) {
      throw new DeployError(
        `${names.signing} is missing, and its public half is there`,
        `Bring it back, or remove ${names.public} to make a new pair: addresses given out before that stop working.`,
      );
    }
    const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
    await put(aws, { Name: names.signing, Type: 'SecureString', Value: String(pem) });
    await putPublic(aws, names.public, pair.publicKey);
    return 'made';
  }
  const expected = createPublicKey(signingPem);
  if (publicPem === undefined) {
    await putPublic(aws, names.public, expected);
    return 'made';
  }
  if (!createPublicKey(publicPem).equals(expected))
    throw new DeployError(`${names.signing} and ${names.public} are not of one pair`);
  return 'there';
}

/** Removes both halves. */
export async function removeDownloadKey(aws: Pick<AwsClients, 'ssm'>, stage: string): Promise<void> {
  const names = downloadKeyNames(stage);
  await removeParameter(aws, names.public);
  await removeParameter(aws, names.signing);
}

function putPublic(aws: Pick<AwsClients, 'ssm'>, Name: string, key: KeyObject): Promise<void> {
  return put(aws, { Name, Type: 'String', Value: String(key.export({ type: 'spki', format: 'pem' })) });
}

async function put(
  { ssm }: Pick<AwsClients, 'ssm'>,
  parameter: { readonly Name: string; readonly Type: 'String' | 'SecureString'; readonly Value: string },
): Promise<void> {
  await ssm.send(new PutParameterCommand({ ...parameter, Overwrite: false }));
}
