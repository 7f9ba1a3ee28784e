import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from '@jest/globals';
import { describeQueue } from '#shared/capabilities/conformance/queue.suite.ts';
import type { Delivery, OpenQueue } from '#shared/capabilities/conformance/queue-subject.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { SqsBacklog } from './backlog.ts';
import { SqsQueue } from './queue.ts';
import { ORACLE_SETTINGS, type Oracle, startFauxqs } from './testing/oracle-process.ts';

let oracle: Oracle;
let client: SQSClient;
let opened = 0;
const world = new VirtualWorld('queue');
const cloudWatch = new CloudWatchClient(ORACLE_SETTINGS);

beforeAll(async () => {
  oracle = await startFauxqs();
  client = new SQSClient({ ...ORACLE_SETTINGS, endpoint: oracle.endpoint });
});
afterAll(async () => {
  client.destroy();
  await oracle.stop();
});

/** A new queue; the oracle counts exactly, so that its counts lag by nothing, and a look at them never asks CloudWatch. */
async function openQueue(): Promise<OpenQueue> {
  opened += 1;
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `conformance-${opened}` }));
  return {
    queue: new SqsQueue({ client, url: QueueUrl }),
    backlog: new SqsBacklog({ sqs: client, cloudWatch, url: QueueUrl, world, countsLagMs: 0 }),
    receive: (max, visibilityTimeoutSeconds) => receive(QueueUrl, max, visibilityTimeoutSeconds),
    async remove(receiptHandles) {
      const Entries = receiptHandles.map((ReceiptHandle, at) => ({ Id: `${at}`, ReceiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    },
    async close() {
      await client.send(new DeleteQueueCommand({ QueueUrl }));
    },
  };
}

/** SQS gives ten messages at most at a time. */
async function receive(QueueUrl: string, max: number, VisibilityTimeout: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  while (deliveries.length < max) {
    const MaxNumberOfMessages = Math.min(10, max - deliveries.length);
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages,
        VisibilityTimeout,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) break;
    for (const { ReceiptHandle = '', Body = '', Attributes = {} } of Messages) {
      deliveries.push({
        receiptHandle: ReceiptHandle,
        body: Body,
        receiveCount: Number(Attributes.ApproximateReceiveCount),
        sentAtMs: Number(Attributes.SentTimestamp),
      });
    }
  }
  return deliveries;
}

describeQueue('SQS on the wire', openQueue);
