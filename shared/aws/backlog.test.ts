import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UnknownOutcomeError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { SqsBacklog } from './backlog.ts';
import { stubbedSettings } from './testing/oracle-process.ts';
import { json, scopeOf, Wire } from './testing/wire.ts';

const URL = 'https://sqs.eu-central-1.amazonaws.com/111122223333/evenkeel-test-reports';
const LAG_MS = 60_000;

describe('the age of an SQS backlog (stubbed wire: CloudWatch cannot be had, and SQS with counts that lag neither)', () => {
  let world: VirtualWorld;
  let sqs: Wire;
  let cloudWatch: Wire;
  let clients: { readonly sqs: SQSClient; readonly cloudWatch: CloudWatchClient };
  let counts: readonly [waiting: number, inFlight: number, delayed: number];
  /** What CloudWatch has, the newest first: begin of the minute and age in seconds. */
  let ages: readonly (readonly [atMs: number, ageSeconds: number])[];

  beforeEach(async () => {
    world = new VirtualWorld('backlog');
    counts = [0, 0, 0];
    ages = [];
    sqs = await Wire.open(() =>
      json(200, {
        Attributes: {
          ApproximateNumberOfMessages: `${counts[0]}`,
          ApproximateNumberOfMessagesNotVisible: `${counts[1]}`,
          ApproximateNumberOfMessagesDelayed: `${counts[2]}`,
        },
      }),
    );
    cloudWatch = await Wire.open(() =>
      json(200, {
        MetricDataResults: [
          {
            Id: 'age',
            StatusCode: 'Complete',
            Timestamps: ages.map(([atMs]) => atMs / 1000),
            Values: ages.map(([, ageSeconds]) => ageSeconds),
          },
        ],
      }),
    );
    clients = {
      sqs: new SQSClient(stubbedSettings(sqs)),
      cloudWatch: new CloudWatchClient(stubbedSettings(cloudWatch)),
    };
  });
  afterEach(async () => {
    clients.sqs.destroy();
    clients.cloudWatch.destroy();
    await Promise.all([sqs.close(), cloudWatch.close()]);
  });

  const open = () => new SqsBacklog({ ...clients, url: URL, world, countsLagMs: LAG_MS });

  test('is unknown while the queue was never seen empty and CloudWatch has nothing', async () => {
    counts = [1, 0, 0];
    expect(await open().unread()).toEqual({ messages: 1, oldestSentAtMs: 0 });
  });

  test('reaches back to when the counts were last seen at zero, and their lag before it', async () => {
    const backlog = open();
    const emptyAtMs = world.now();
    expect(await backlog.unread()).toEqual({
      messages: 0,
      oldestSentAtMs: emptyAtMs - LAG_MS,
      oldestAgeMs: 0,
    });
    expect(cloudWatch.requests).toHaveLength(0);
    await world.advance(5_000);
    counts = [0, 1, 0];
    expect(await backlog.unread()).toEqual({
      messages: 1,
      oldestSentAtMs: emptyAtMs - LAG_MS,
      oldestAgeMs: LAG_MS + 5_000,
    });
  });

  test('is what CloudWatch saw on a queue that is never empty, counted from the minute it was seen in', async () => {
    const minuteMs = world.now() - 180_000;
    counts = [40, 100, 0];
    ages = [
      [minuteMs, 2],
      [minuteMs - 60_000, 90],
    ];
    expect(await open().unread()).toEqual({
      messages: 140,
      oldestSentAtMs: minuteMs - 3_000,
      oldestAgeMs: 2_000,
    });
  });

  test('never goes back by what CloudWatch tells late', async () => {
    const backlog = open();
    const emptyAtMs = world.now();
    await backlog.unread();
    counts = [1, 0, 0];
    ages = [[emptyAtMs - 600_000, 0]];
    expect(await backlog.unread()).toMatchObject({ oldestSentAtMs: emptyAtMs - LAG_MS });
  });

  test('asks CloudWatch for the last ten minutes of that queue, to the byte, and not again for a while', async () => {
    const backlog = open();
    counts = [1, 0, 0];
    await backlog.unread();
    await world.advance(19_999);
    await backlog.unread();
    const endSeconds = (world.now() - 19_999) / 1000;
    const { method, path, headers, body } = cloudWatch.only();
    expect([method, path, headers['x-amz-target']]).toEqual([
      'POST',
      '/',
      'GraniteServiceVersion20100801.GetMetricData',
    ]);
    expect(scopeOf(cloudWatch.only())).toBe('eu-central-1/monitoring');
    expect(body.toString()).toBe(
      `{"MetricDataQueries":[{"Id":"age","MetricStat":{"Metric":{"Namespace":"AWS/SQS","MetricName":"ApproximateAgeOfOldestMessage","Dimensions":[{"Name":"QueueName","Value":"evenkeel-test-reports"}]},"Period":60,"Stat":"Maximum"}}],"StartTime":${endSeconds - 600},"EndTime":${endSeconds},"ScanBy":"TimestampDescending"}`,
    );
    await world.advance(1);
    await backlog.unread();
    expect(cloudWatch.requests).toHaveLength(2);
  });

  test('does not take a queue of delayed messages for one that was seen empty', async () => {
    const backlog = open();
    counts = [0, 0, 1];
    await backlog.unread();
    counts = [1, 0, 1];
    expect(await backlog.unread()).toEqual({ messages: 2, oldestSentAtMs: 0 });
  });

  test('is not made up where SQS answers without counts or CloudWatch does not answer', async () => {
    sqs.next(() => json(200, { Attributes: {} }));
    await expect(open().unread()).rejects.toThrow(UnknownOutcomeError);
    counts = [1, 0, 0];
    const failing = () => json(500, { __type: 'InternalServiceFault', message: 'not now' });
    cloudWatch.next(failing, failing, failing);
    await expect(open().unread()).rejects.toThrow(UnknownOutcomeError);
  });
});
