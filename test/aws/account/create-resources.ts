import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ORACLE_SETTINGS } from '#shared/aws/testing/oracle-process.ts';
import { versionsOf } from '../gate/s3.ts';
import type { DeployedStack, Resolved } from '../stacks/deployed-stack.ts';

/** Where the oracles are. */
export interface Oracles {
  readonly dynamoDbEndpoint: string;
  readonly fauxqsEndpoint: string;
}

/** Makes the tables, queues and buckets of the stacks; answers the oracle's stream ARN by that of the template. */
export async function createResources(
  stacks: readonly DeployedStack[],
  { dynamoDbEndpoint, fauxqsEndpoint }: Oracles,
): Promise<ReadonlyMap<string, string>> {
  const dynamoDb = new DynamoDBClient({ ...ORACLE_SETTINGS, endpoint: dynamoDbEndpoint });
  const sqs = new SQSClient({ ...ORACLE_SETTINGS, endpoint: fauxqsEndpoint });
  const s3 = new S3Client({ ...ORACLE_SETTINGS, endpoint: fauxqsEndpoint, forcePathStyle: true });
  const streams = new Map<string, string>();
  for (const stack of stacks) {
    for (const [logicalId, table] of stack.ofType('AWS::DynamoDB::Table')) {
      const { TableDescription } = await dynamoDb.send(new CreateTableCommand(tableRequest(table)));
      const arn = stack.attribute(logicalId, 'StreamArn') ?? '';
      if (TableDescription?.LatestStreamArn !== undefined) streams.set(arn, TableDescription.LatestStreamArn);
    }
    // A queue must be there before those that name it.
    const queues = stack.ofType('AWS::SQS::Queue').map(([, queue]) => queue);
    for (const queue of [...queues].sort(
      (one, other) => Number(hasRedrive(one)) - Number(hasRedrive(other)),
    )) {
      await sqs.send(
        new CreateQueueCommand({ QueueName: String(queue.QueueName), Attributes: queueAttributes(queue) }),
      );
    }
    for (const [, { BucketName }] of stack.ofType('AWS::S3::Bucket')) {
      for (const Bucket of [String(BucketName), versionsOf(String(BucketName))])
        await s3.send(new CreateBucketCommand({ Bucket }));
    }
  }
  for (const client of [dynamoDb, sqs, s3]) client.destroy();
  return streams;
}

/** Backups, encryption and expiry are the template gate's affair: the oracle has none of them. */
function tableRequest(table: Resolved): CreateTableCommandInput {
  const { TableName, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, StreamSpecification } = table;
  // CloudFormation takes what the API takes, but for the switch of the stream.
  return {
    BillingMode: 'PAY_PER_REQUEST',
    TableName,
    AttributeDefinitions,
    KeySchema,
    ...(GlobalSecondaryIndexes !== undefined && { GlobalSecondaryIndexes }),
    ...(StreamSpecification !== undefined && {
      StreamSpecification: { ...(StreamSpecification as object), StreamEnabled: true },
    }),
  } as unknown as CreateTableCommandInput;
}

const hasRedrive = ({ RedrivePolicy }: Resolved): boolean => RedrivePolicy !== undefined;

function queueAttributes(queue: Resolved): Record<string, string> {
  const { VisibilityTimeout, MessageRetentionPeriod, DelaySeconds, RedrivePolicy } = queue;
  return {
    ...(VisibilityTimeout !== undefined && { VisibilityTimeout: String(VisibilityTimeout) }),
    ...(MessageRetentionPeriod !== undefined && { MessageRetentionPeriod: String(MessageRetentionPeriod) }),
    ...(DelaySeconds !== undefined && { DelaySeconds: String(DelaySeconds) }),
    ...(RedrivePolicy !== undefined && { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
  };
}
