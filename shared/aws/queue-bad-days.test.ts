import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sendAll } from '#shared/capabilities/send-all.ts';
import {
  AccessDeniedError,
  ConfigurationError,
  ThrottledError,
  UnknownOutcomeError,
} from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { SqsBacklog } from './backlog.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';
import { SqsQueue } from './queue.ts';
import { answersTooLate, cutsAnswerShort, losesAnswer, refuses } from './testing/bad-days.ts';
import { pauseForNothing } from './testing/no-pauses.ts';
import { type Oracle, startFauxqs, stubbedSettings } from './testing/oracle-process.ts';
import { type Handling, json, passTo, Wire, type WireAnswer, type WireRequest } from './testing/wire.ts';

pauseForNothing();

interface SentEntry {
  readonly Id: string;
  readonly MessageBody: string;
}

describe('a queue on SQS on a bad day (a real oracle behind a wire that fails)', () => {
  let oracle: Oracle;
  /** Has no age of the queue yet. */
  let ages: Wire;
  let cloudWatch: CloudWatchClient;
  let reader: SQSClient;
  let wire: Wire;
  let client: SQSClient;
  let url: string;
  let made = 0;
  let queue: SqsQueue;
  let backlog: SqsBacklog;
  let passed: (asked: WireRequest) => Promise<WireAnswer>;
  beforeAll(async () => {
    oracle = await startFauxqs();
    passed = passTo(oracle.endpoint);
    reader = new SQSClient(stubbedSettings(oracle));
    ages = await Wire.open(() => json(200, { MetricDataResults: [] }));
    cloudWatch = new CloudWatchClient(stubbedSettings(ages));
  });
  afterAll(async () => {
    reader.destroy();
    cloudWatch.destroy();
    await ages.close();
    await oracle.stop();
  });
  beforeEach(async () => {
    made += 1;
    const { QueueUrl = '' } = await reader.send(new CreateQueueCommand({ QueueName: `bad-day-${made}` }));
    url = QueueUrl;
    wire = await Wire.open(passed);
    client = new SQSClient(stubbedSettings(wire));
    queue = new SqsQueue({ client, url });
    backlog = new SqsBacklog({
      sqs: client,
      cloudWatch,
      url,
      world: new VirtualWorld('queue'),
      countsLagMs: 0,
    });
  });
  afterEach(async () => {
    client.destroy();
    await wire.close();
  });

  /** Everything that the queue holds, sorted. */
  async function held(): Promise<string[]> {
    const bodies: string[] = [];
    for (;;) {
      const { Messages = [] } = await reader.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
      );
      if (Messages.length === 0) return bodies.sort();
      bodies.push(...Messages.map(({ Body = '' }) => Body));
    }
  }

  const messages = (count: number) => Array.from({ length: count }, (_, at) => ({ body: `m${at + 10}` }));

  test('sends as SendMessageBatch has it, to the byte', async () => {
    await queue.send([{ body: '{"a":"ä"}' }, { body: 'b', delaySeconds: 900 }]);
    const { method, headers, body } = wire.only();
    expect([method, headers['x-amz-target'], headers['content-type']]).toEqual([
      'POST',
      'AmazonSQS.SendMessageBatch',
      'application/x-amz-json-1.0',
    ]);
    expect(body.toString()).toBe(
      `{"QueueUrl":"${url}","Entries":[{"Id":"0","MessageBody":"{\\"a\\":\\"ä\\"}"},` +
        '{"Id":"1","MessageBody":"b","DelaySeconds":900}]}',
    );
  });

  test.each([
    ['was lost', losesAnswer],
    ['broke off', cutsAnswerShort],
    ['came too late', answersTooLate],
  ])('sends a batch again whose answer %s: consumers expect every message twice', async (_, fault) => {
    const hurried = new SQSClient(stubbedSettings(wire));
    givesUpFirst(hurried);
    wire.next(fault(passed));
    expect(await new SqsQueue({ client: hurried, url }).send(messages(2))).toEqual({ failed: [] });
    hurried.destroy();
    expect(await held()).toEqual(['m10', 'm10', 'm11', 'm11']);
  });

  test('names the messages of a batch as not accepted that is unknown after three tries, and sends the others', async () => {
    const lost = losesAnswer(passed);
    const isSecond = (body: Buffer) => body.includes('"m20"');
    const middleLost: Handling = (asked) => (isSecond(asked.body) ? lost(asked) : passed(asked));
    wire.next(...Array(5).fill(middleLost));
    expect(await queue.send(messages(25))).toEqual({ failed: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19] });
    expect(wire.requests).toHaveLength(5);
  });

  test.each([
    [400, 'RequestThrottled'],
    [400, 'ThrottlingException'],
    [503, 'ThrottlingException'],
  ])('names a batch as not accepted that is throttled (%d %s) three times', async (status, name) => {
    wire.next(...Array(3).fill(refuses(status, name)));
    expect(await queue.send(messages(2))).toEqual({ failed: [0, 1] });
    expect(wire.requests).toHaveLength(3);
    expect(await held()).toEqual([]);
  });

  test('names the messages that SQS did not take, by their place in the call', async () => {
    wire.next(passed, leavesUnsent([0, 3], passed));
    expect(await queue.send(messages(15))).toEqual({ failed: [10, 13] });
    expect(await held()).toHaveLength(13);
  });

  test('sends those again, and those alone, until all are taken', async () => {
    wire.next(leavesUnsent([0, 1, 2], passed), leavesUnsent([1], passed));
    await sendAll(queue, messages(4));
    expect(await held()).toEqual(['m10', 'm11', 'm12', 'm13']);
    expect(wire.requests).toHaveLength(3);
  });

  test('gives up on a message that is never taken, after five tries', async () => {
    wire.next(...Array(5).fill(leavesUnsent([0], passed)));
    await expect(sendAll(queue, messages(1))).rejects.toThrow(ThrottledError);
    expect(wire.requests).toHaveLength(5);
  });

  test.each([
    ['AccessDeniedException', AccessDeniedError],
    ['QueueDoesNotExist', ConfigurationError],
  ])('throws what sending again would not mend (%s), without trying again', async (name, kind) => {
    wire.next(refuses(400, name));
    await expect(queue.send(messages(1))).rejects.toThrow(kind);
    expect(wire.requests).toHaveLength(1);
  });

  test('asks for the backlog again, and does not take a lost answer for an empty queue', async () => {
    await queue.send(messages(1));
    wire.next(losesAnswer(passed));
    expect(await backlog.unread()).toMatchObject({ messages: 1 });
    wire.next(...Array(3).fill(losesAnswer(passed)));
    await expect(backlog.unread()).rejects.toThrow(UnknownOutcomeError);
  });

  test('does not take an answer without counts for an empty queue', async () => {
    wire.next(() => json(200, { Attributes: { ApproximateNumberOfMessages: '0' } }));
    await expect(backlog.unread()).rejects.toThrow(UnknownOutcomeError);
  });
});

/** Lets a client wait for its first answer as long as it does on Lambda, and for those after it as long as a slow machine takes. */
function givesUpFirst({ config: { requestHandler } }: SQSClient): void {
  const { requestTimeout } = CLIENT_SETTINGS.requestHandler;
  const handle = requestHandler.handle.bind(requestHandler);
  let isFirst = true;
  requestHandler.handle = (request, options) => {
    const how = isFirst ? { ...options, requestTimeout } : options;
    isFirst = false;
    return handle(request, how);
  };
}

/** The service takes all entries of the request but those, and says so, as SQS does for faults of its own. */
function leavesUnsent(
  places: readonly number[],
  service: (asked: WireRequest) => Promise<WireAnswer>,
): Handling {
  return async (asked) => {
    const { Entries, ...request } = JSON.parse(asked.body.toString()) as { Entries: SentEntry[] };
    const taken = Entries.filter((_, at) => !places.includes(at));
    const Failed = Entries.filter((_, at) => places.includes(at)).map(({ Id }) => ({
      Id,
      SenderFault: false,
      Code: 'InternalError',
    }));
    if (taken.length === 0) return json(200, { Failed });
    const { body } = await service({
      ...asked,
      body: Buffer.from(JSON.stringify({ ...request, Entries: taken })),
    });
    return json(200, { ...JSON.parse(body.toString()), Failed });
  };
}
