import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { AwsClients } from './aws-clients.ts';
import { DeployError } from './deploy-error.ts';
import { readParameter, removeParameter } from './parameters.ts';
import type { StackTemplate } from './stack-template.ts';

/** Where the two halves of a pair lie, by name of their parameters. */
export interface DownloadKeyNames {
  /** The key that signs download addresses, for functions (PKCS#8). */
  readonly signing: string;
  /** The one that proves them, for the distribution (SPKI). */
  readonly public: string;
}

const ROTATION = 'To exchange a pair, put a second one beside it: docs/operations.md, Keys.';

/** The pair that a stage begins with. */
export const downloadKeyNames = (stage: string): DownloadKeyNames => pairOf(stage, '');

/**
 * The pairs that a template of the platform proves addresses with. CloudFront cannot change a key that it has, so that a pair is
 * rotated by a second one beside it, whose names have a suffix (`-2`).
 */
export function downloadKeysIn(template: StackTemplate, stage: string): DownloadKeyNames[] {
  const { public: first } = downloadKeyNames(stage);
  const found = JSON.stringify(template.Resources).matchAll(/\{\{resolve:ssm:([^}]+)\}\}/g);
  const names = new Set([...found].map(([, name = '']) => name).filter((name) => name.startsWith(first)));
  return [...names].map((name) => pairOf(stage, name.slice(first.length)));
}

const pairOf = (stage: string, suffix: string): DownloadKeyNames => ({
  signing: `/evenkeel/${stage}/download-signing-key${suffix}`,
  public: `/evenkeel/${stage}/download-public-key${suffix}`,
});

/**
 * Makes a key pair of download addresses, unless it is there. ECDSA on P-256, which CloudFront takes and functions sign with four
 * times as fast as with RSA (docs/decisions, downloads through CloudFront). A half of a pair is completed where that can be done.
 * `gone`: CloudFront has the pair (`isInUse`), and the half that signs is lost. Throws `DeployError` where CloudFront would have to
 * exchange the key that it has: it cannot, functions would sign with the new one, and devices be refused their downloads.
 */
export async function ensureDownloadKey(
  aws: Pick<AwsClients, 'ssm'>,
  names: DownloadKeyNames,
  { isInUse }: { readonly isInUse: boolean },
): Promise<'made' | 'there' | 'gone'> {
  const signingPem = await readParameter(aws, names.signing);
  const publicPem = await readParameter(aws, names.public);
  if (signingPem === undefined) {
    if (isInUse && publicPem !== undefined) return 'gone';
    if (isInUse)
      throw new DeployError(
        `${names.signing} and ${names.public} are missing, and CloudFront cannot exchange the key that it has`,
        `Bring them back: aws cloudfront get-public-key has ${names.public}. ${ROTATION}`,
      );
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

/** Makes all pairs of a template, or leaves them as they are. Throws `DeployError`, also when none can sign any more. */
export async function ensureDownloadKeys(
  aws: Pick<AwsClients, 'ssm'>,
  pairs: readonly DownloadKeyNames[],
  inUse: readonly DownloadKeyNames[],
): Promise<'made' | 'there'> {
  const outcomes = [];
  for (const names of pairs) {
    const isInUse = inUse.some((one) => one.public === names.public);
    outcomes.push(await ensureDownloadKey(aws, names, { isInUse }));
  }
  if (outcomes.length > 0 && outcomes.every((one) => one === 'gone'))
    throw new DeployError(`the keys that sign download addresses are gone: no device can download`, ROTATION);
  return outcomes.includes('made') ? 'made' : 'there';
}

/** Removes both halves of the pair that a stage begins with. */
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
