import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readServices } from './read-services.ts';

const ROOT = path.join(import.meta.dirname, 'fixtures/home');
const { platform, services } = readServices({ root: ROOT, stage: 'test' });
const [greenhouse = platform] = services;
const functionCalled = (key: string) => greenhouse.functions.find((one) => one.key === key);

describe('a home of fixture services', () => {
  test('its platform stack exports what it names, and nothing else is resolved', () => {
    expect([...platform.exports]).toEqual([
      ['fixture-test-bus-arn', 'arn:aws:events:local:000000000000:event-bus/fixture-test'],
    ]);
    expect(platform.buses.map((bus) => bus.name)).toEqual(['fixture-test']);
  });

  test('a policy variable that !Sub is told to leave stays in the device policy', () => {
    expect(platform.devicePolicies).toEqual([
      {
        logicalId: 'DevicePolicy',
        name: 'fixture-test-device',
        document: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 'iot:Connect',
              Resource: `arn:aws:iot:local:000000000000:client/\${iot:Connection.Thing.ThingName}`,
            },
          ],
        },
      },
    ]);
  });

  test('its services are named by their folders', () => {
    expect(services.map((service) => service.name)).toEqual(['greenhouse']);
    expect(greenhouse.folder).toBe(path.join(ROOT, 'services/greenhouse'));
  });
});

describe('the resources of a service', () => {
  test('a table has its indexes, expiry and stream', () => {
    const arn = 'arn:aws:dynamodb:local:000000000000:table/fixture-test-plants';
    expect(greenhouse.tables).toEqual([
      {
        logicalId: 'PlantsTable',
        name: 'fixture-test-plants',
        arn,
        indexes: {
          due: {
            partition: { attribute: 'sk', type: 'string' },
            sort: { attribute: 'dueAt', type: 'number' },
            projection: ['species'],
          },
        },
        expiresBy: 'expiresAt',
        stream: true,
        streamArn: `${arn}/stream/local`,
      },
    ]);
  });

  test('a queue has the times it states, the defaults of SQS where it states none, and its dead-letter queue', () => {
    expect(greenhouse.queues).toEqual([
      {
        logicalId: 'ReadingsQueue',
        name: 'fixture-test-readings',
        arn: 'arn:aws:sqs:local:000000000000:fixture-test-readings',
        url: 'https://sqs.local.amazonaws.com/000000000000/fixture-test-readings',
        visibilityTimeoutSeconds: 181,
        delaySeconds: 5,
        retentionSeconds: 1_209_600,
        redrive: { deadLetterQueue: 'fixture-test-dead', maxReceiveCount: 5 },
      },
      expect.objectContaining({
        name: 'fixture-test-dead',
        visibilityTimeoutSeconds: 30,
        delaySeconds: 0,
        retentionSeconds: 345_600,
      }),
    ]);
  });

  test('a bucket is there only when its condition holds', () => {
    expect(greenhouse.buckets).toEqual([
      {
        logicalId: 'PlansBucket',
        name: 'fixture-test-plans-000000000000-local',
        arn: 'arn:aws:s3:::fixture-test-plans-000000000000-local',
        versioned: true,
        expiries: [],
      },
    ]);
  });

  test('a topic rule leads to functions of the service and to queues of any service', () => {
    expect(greenhouse.topicRules).toEqual([
      {
        logicalId: 'ReadingRule',
        name: 'fixture_reading',
        arn: 'arn:aws:iot:local:000000000000:rule/fixture_reading',
        sql: "SELECT encode(*, 'base64') AS payload FROM 'greenhouse/+/reading'",
        sqlVersion: '2016-03-23',
        actions: [
          { kind: 'sqs', queueName: 'fixture-test-readings', useBase64: true },
          { kind: 'sqs', queueName: 'another-services-queue', useBase64: false },
          { kind: 'lambda', functionKey: 'onFrost' },
        ],
        errorAction: { kind: 'sqs', queueName: 'fixture-test-dead', useBase64: false },
        disabled: false,
      },
    ]);
  });
});

describe('the functions of a service', () => {
  test('a function has its module, and settings of its own before those of the provider', () => {
    expect(functionCalled('openWindow')).toMatchObject({
      name: 'greenhouse-test-openWindow',
      arn: 'arn:aws:lambda:local:000000000000:function:greenhouse-test-openWindow',
      handlerFile: path.join(ROOT, 'services/greenhouse/functions/open-window/handler.ts'),
      timeoutSeconds: 20,
      memoryMegabytes: 256,
    });
    expect(functionCalled('onFrost')).toMatchObject({ timeoutSeconds: 10, reservedConcurrency: 5 });
  });

  test('its environment is that of provider and function, all as texts', () => {
    expect(functionCalled('openWindow')?.environment).toEqual({
      SERVICE: 'greenhouse',
      PLANTS_TABLE: 'fixture-test-plants',
      READINGS_QUEUE: 'https://sqs.local.amazonaws.com/000000000000/fixture-test-readings',
      EVENT_BUS: 'arn:aws:events:local:000000000000:event-bus/fixture-test',
      DEPTH: '3',
    });
  });

  test('its statements are its own and, where it inherits, the provider`s', () => {
    const table = 'arn:aws:dynamodb:local:000000000000:table/fixture-test-plants';
    const tracing = { effect: 'Allow', actions: ['xray:PutTraceSegments'], resources: ['*'] };
    expect(functionCalled('openWindow')?.statements).toEqual([
      { effect: 'Allow', actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'], resources: [table] },
      { effect: 'Allow', actions: ['dynamodb:Query'], resources: [`${table}/index/due`] },
      tracing,
    ]);
    expect(functionCalled('onFrost')?.statements).toEqual([]);
    expect(functionCalled('storeReadings')?.statements).toEqual([tracing]);
  });

  test('asynchronous invocations are given up as it says, or as Lambda does', () => {
    expect(functionCalled('onFrost')?.asynchronous).toEqual({
      maximumEventAgeSeconds: 60,
      maximumRetryAttempts: 0,
      onFailureQueue: 'fixture-test-dead',
    });
    expect(functionCalled('readPlan')?.asynchronous).toEqual({
      maximumEventAgeSeconds: 21_600,
      maximumRetryAttempts: 2,
    });
  });

  test('every kind of event is read', () => {
    expect(greenhouse.functions.flatMap((one) => one.events)).toEqual([
      { kind: 'httpApi', method: 'POST', path: '/windows/{window}/open' },
      { kind: 'schedule', everySeconds: 60 },
      { kind: 'schedule', everySeconds: 7200 },
      {
        kind: 'eventBridge',
        busName: 'fixture-test',
        pattern: { source: ['weather'], 'detail-type': ['Frost'] },
        maximumEventAgeSeconds: 3600,
        maximumRetryAttempts: 20,
        deadLetterQueue: 'fixture-test-dead',
      },
      {
        kind: 'sqs',
        queueName: 'fixture-test-readings',
        queueArn: 'arn:aws:sqs:local:000000000000:fixture-test-readings',
        batchSize: 100,
        batchingWindowSeconds: 1,
        maximumConcurrency: 2,
        reportsItemFailures: true,
      },
      {
        kind: 'stream',
        tableName: 'fixture-test-plants',
        streamArn: 'arn:aws:dynamodb:local:000000000000:table/fixture-test-plants/stream/local',
        batchSize: 100,
        batchingWindowSeconds: 2,
        startingPosition: 'TRIM_HORIZON',
        maximumRetryAttempts: 10_000,
        maximumRecordAgeSeconds: -1,
        bisectsOnError: false,
        reportsItemFailures: false,
        filterPatterns: [
          { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: 'outbox#' }] } } } },
        ],
        onFailureQueue: 'fixture-test-dead',
      },
      {
        kind: 's3',
        bucketName: 'fixture-test-plans-000000000000-local',
        event: 's3:ObjectCreated:*',
        prefix: 'plans/',
        suffix: '.pdf',
        existing: true,
      },
    ]);
  });
});

describe('the services of this repository', () => {
  test('can be read, each with its functions', () => {
    const own = readServices({ root: path.join(import.meta.dirname, '../..'), stage: 'local' });
    expect(own.platform.devicePolicies).toHaveLength(1);
    for (const service of own.services) expect(service.functions.length).toBeGreaterThan(0);
  });
});
