import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeQueue } from '#shared/capabilities/conformance/queue.suite.ts';
import type { Delivery, OpenQueue } from '#shared/capabilities/conformance/queue-subject.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { SqsQueue } from './queue.ts';
import { ORACLE_SETTINGS, type Oracle, startFauxqs } from './testing/oracle-process.ts';

let oracle: Oracle;
let client: SQSClient;
let opened = 0;
const world = new VirtualWorld('queue');

beforeAll(async () => {
  oracle = await startFauxqs();
  client = new SQSClient({ ...ORACLE_SETTINGS, endpoint: oracle.endpoint });
});
afterAll(async () => {
  client.destroy();
  await oracle.stop();
});

/** A new queue; the oracle counts exactly, so that its counts lag by nothing unless told. */
async function openQueue(countsLagMs = 0): Promise<OpenQueue> {
  opened += 1;
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `conformance-${opened}` }));
  return {
    queue: new SqsQueue({ client, url: QueueUrl, world, countsLagMs }),
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

describeQueue('SQS on the wire', () => openQueue());

describe('the age of a backlog, which SQS does not tell', () => {
  test('is unknown while the queue was never seen empty', async () => {
    const { queue, close } = await openQueue(60_000);
    await queue.send([{ body: 'a' }]);
    expect(await queue.backlog()).toEqual({ messages: 1, oldestSentAtMs: 0 });
    await close();
  });

  test('reaches back to when the counts were last seen at zero, and the lag of the counts before it', async () => {
    const { queue, receive: take, close } = await openQueue(60_000);
    const emptyAtMs = world.now();
    expect(await queue.backlog()).toEqual({ messages: 0, oldestSentAtMs: emptyAtMs - 60_000 });
    await world.advance(5_000);
    await queue.send([{ body: 'a' }]);
    expect(await queue.backlog()).toEqual({ messages: 1, oldestSentAtMs: emptyAtMs - 60_000 });
    await take(1, 30);
    expect(await queue.backlog()).toEqual({ messages: 1, oldestSentAtMs: emptyAtMs - 60_000 });
    await close();
  });

  test('does not take a queue of delayed messages for one that was seen empty', async () => {
    const { queue, close } = await openQueue(0);
    await queue.send([{ body: 'later', delaySeconds: 900 }]);
    expect(await queue.backlog()).toEqual({ messages: 1 });
    await queue.send([{ body: 'now' }]);
    expect(await queue.backlog()).toEqual({ messages: 2, oldestSentAtMs: 0 });
    await close();
  });
});
