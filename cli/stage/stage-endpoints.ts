import { FailedError, UsageError } from '../errors.ts';

/** Where the backend of a stage is, and who issues the tokens that it takes. */
export interface StageEndpoints {
  readonly url: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Host name to which devices connect; absent where the stack does not tell it. */
  readonly deviceEndpoint: string | undefined;
  readonly region: string;
}

/** The platform stack of a stage, as `npm run deploy` names it. */
const stackNameOf = (stage: string): string => `evenkeel-platform-${stage}`;

/**
 * Reads a stage's endpoints from its stack, with the AWS credentials of this machine. Throws `UsageError` where there is no such
 * stage, and `FailedError` where AWS does not let us look.
 */
export async function readStageEndpoints(
  stage: string,
  regionName: string | undefined,
): Promise<StageEndpoints> {
  // Loaded here, so that no other command waits for it.
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(regionName === undefined ? {} : { region: regionName });
  try {
    const region = await client.config.region();
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackNameOf(stage) }));
    const outputs = new Map(
      (Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
    );
    const output = (name: string): string => {
      const value = outputs.get(name);
      if (value !== undefined) return value;
      throw new FailedError(
        `the stack ${stackNameOf(stage)} does not tell its ${name}`,
        `Its deployment has not ended well: npm run deploy -- --stage ${stage}`,
      );
    };
    return {
      url: output('HttpApiEndpoint'),
      issuer: output('Issuer'),
      clientId: output('Audience'),
      deviceEndpoint: outputs.get('DeviceEndpoint'),
      region,
    };
  } catch (error) {
    throw explained(error, stage);
  } finally {
    client.destroy();
  }
}

function explained(error: unknown, stage: string): unknown {
  if (!(error instanceof Error) || error instanceof FailedError) return error;
  if (error.name === 'ValidationError' && /does not exist/.test(error.message)) {
    return new UsageError(
      `there is no stage "${stage}" in this Region of this account: is --region the right one?`,
      {
        cause: error,
      },
    );
  }
  if (/Region is missing/.test(error.message))
    return new UsageError('no Region is named: --region REGION, or AWS_REGION', { cause: error });
  return new FailedError(
    `cannot look at the stage "${stage}": ${error.name}: ${error.message}`,
    'Check the AWS credentials (aws sts get-caller-identity). Without any: login --url URL --issuer URL --client-id ID.',
    { cause: error },
  );
}
