import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DeleteUserPoolCommand,
  DescribeUserPoolCommand,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  DeleteTableCommand,
  DescribeTableCommand,
  UpdateTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iot';
import { DeleteBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import type { AwsClients } from './aws-clients.ts';
import { DeployError } from './deploy-error.ts';
import { emptyBucket } from './empty-bucket.ts';
import type { Importable, ImportableType } from './importable.ts';

const CHANGED_WITHIN_SECONDS = 300;

/** What is done with resources of a type beside their stack. */
interface Upkeep {
  exists(aws: AwsClients, physicalId: string): Promise<boolean>;
  /** Removes it with everything in it; absent for what is worth nothing without its stack. */
  erase?(aws: AwsClients, physicalId: string): Promise<void>;
}

const UPKEEP: Readonly<Record<ImportableType, Upkeep>> = {
  'AWS::DynamoDB::Table': {
    exists: ({ dynamodb }, TableName) =>
      isThere(() => dynamodb.send(new DescribeTableCommand({ TableName })), 'ResourceNotFoundException'),
    async erase({ dynamodb }, TableName) {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      if (Table?.DeletionProtectionEnabled === true) {
        await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
        // A table that is being changed cannot be deleted.
        await waitUntilTableExists({ client: dynamodb, maxWaitTime: CHANGED_WITHIN_SECONDS }, { TableName });
      }
      await dynamodb.send(new DeleteTableCommand({ TableName }));
    },
  },
  'AWS::S3::Bucket': {
    async exists({ s3 }, Bucket) {
      try {
        return await isThere(() => s3.send(new HeadBucketCommand({ Bucket })), 'NotFound', 'NoSuchBucket');
      } catch (error) {
        if (Object(error).$metadata?.httpStatusCode !== 403) throw error;
        throw new DeployError(
          `the bucket ${Bucket} is there, and these credentials may not see it`,
          undefined,
          {
            cause: error,
          },
        );
      }
    },
    async erase({ s3 }, Bucket) {
      await emptyBucket(s3, Bucket);
      await s3.send(new DeleteBucketCommand({ Bucket }));
    },
  },
  'AWS::Cognito::UserPool': {
    exists: ({ cognito }, UserPoolId) =>
      isThere(() => cognito.send(new DescribeUserPoolCommand({ UserPoolId })), 'ResourceNotFoundException'),
    async erase({ cognito }, UserPoolId) {
      await cognito.send(new UpdateUserPoolCommand({ UserPoolId, DeletionProtection: 'INACTIVE' }));
      await cognito.send(new DeleteUserPoolCommand({ UserPoolId }));
    },
  },
  'AWS::IoT::Policy': {
    exists: ({ iot }, policyName) =>
      isThere(() => iot.send(new GetPolicyCommand({ policyName })), 'ResourceNotFoundException'),
    async erase({ iot }, policyName) {
      const { policyVersions = [] } = await iot.send(new ListPolicyVersionsCommand({ policyName }));
      for (const { versionId: policyVersionId, isDefaultVersion } of policyVersions)
        if (isDefaultVersion !== true)
          await iot.send(new DeletePolicyVersionCommand({ policyName, policyVersionId }));
      await iot.send(new DeletePolicyCommand({ policyName }));
    },
  },
  'AWS::Logs::LogGroup': {
    async exists({ logs }, name) {
      const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
      return logGroups.some(({ logGroupName }) => logGroupName === name);
    },
  },
};

/** Whether the account has it. Throws `DeployError` for a bucket that is there and not ours to see. */
export function existsInAws(aws: AwsClients, { type, physicalId }: Importable): Promise<boolean> {
  return UPKEEP[type].exists(aws, physicalId);
}

/** Removes it with everything in it; one that is gone already is no fault. Answers whether there was something to remove. */
export async function eraseInAws(aws: AwsClients, { type, physicalId }: Importable): Promise<boolean> {
  const { exists, erase } = UPKEEP[type];
  if (erase === undefined || !(await exists(aws, physicalId))) return false;
  await erase(aws, physicalId);
  return true;
}

async function isThere(look: () => Promise<unknown>, ...absent: readonly string[]): Promise<boolean> {
  try {
    await look();
    return true;
  } catch (error) {
    if (error instanceof Error && absent.includes(error.name)) return false;
    throw error;
  }
}
