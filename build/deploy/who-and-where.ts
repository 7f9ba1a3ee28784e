import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AwsClients } from './aws-clients.ts';
import { DeployError } from './deploy-error.ts';

/** Who acts, in which account and Region. */
export interface WhoAndWhere {
  readonly accountId: string;
  /** `arn:aws:sts::123456789012:assumed-role/deployer/ada`. */
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
}

/** Asks AWS who we are, before anything else. Throws `DeployError` without credentials that work, or without a Region. */
export async function whoAndWhere({ sts }: Pick<AwsClients, 'sts'>): Promise<WhoAndWhere> {
  const region = await regionOf(sts);
  try {
    const { Account: accountId = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
    return { accountId, arn, partition: arn.split(':')[1] ?? 'aws', region };
  } catch (error) {
    throw explained(error, region);
  }
}

async function regionOf(sts: AwsClients['sts']): Promise<string> {
  try {
    return await sts.config.region();
  } catch (error) {
    throw new DeployError('no Region is named', 'Say --region REGION, or set AWS_REGION.', { cause: error });
  }
}

/** AWS's own words are short: what they mean here, and what helps. */
function explained(error: unknown, region: string): unknown {
  // Whatever was thrown: what it does not have is undefined.
  const { name, message, code } = Object(error) as { name?: string; message?: string; code?: string };
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return new DeployError(
      `no AWS credentials: ${message}`,
      'Log in as for the AWS CLI (aws sso login, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).',
      { cause: error },
    );
  }
  if (name === 'ExpiredToken' || name === 'ExpiredTokenException') {
    return new DeployError(
      'the AWS credentials have expired',
      'Log in again, for example with aws sso login.',
      {
        cause: error,
      },
    );
  }
  if (
    name === 'InvalidClientTokenId' ||
    name === 'UnrecognizedClientException' ||
    name === 'SignatureDoesNotMatch'
  ) {
    return new DeployError(
      `AWS does not know these credentials in ${region}: ${message}`,
      'Check them with aws sts get-caller-identity. A Region that is not enabled in the account answers the same.',
      { cause: error },
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new DeployError(
      `AWS is not found for the Region ${region}: ${message}`,
      'Check the spelling of the Region, and the network.',
      { cause: error },
    );
  }
  return error;
}
