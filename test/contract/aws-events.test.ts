import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { REPORT_BATCH } from '#shared/contracts/examples/report-batch.ts';
import { bridgeEvent, captured, httpEvent, sqsBatch, uploadOf } from '#shared/lambda/fixtures/aws-events.ts';

const THING = 'acme:cam-0001';
const DEVICE = { deviceId: 'cam-0001', product: 'cam', hardware: 'cam-rev-b' };

/** The captured events, and their odd ones, through the functions of all services; every delivery comes twice. */
describe('the functions', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await startTestHost();
    await host.http('POST', '/devices', DEVICE);
    await host.settle();
  });
  afterAll(() => host.stop());

  const twice = async (functionKey: string, event: unknown) => [
    await host.invoke(functionKey, event),
    await host.invoke(functionKey, event),
  ];
  const device = async () => (await host.http('GET', '/devices/cam-0001')).body;
  const tell = (kind: 'connected' | 'disconnected') =>
    host.publishFromDevice(THING, `$aws/events/presence/${kind}/${THING}`, captured(`iot-presence-${kind}`));

  test('follow the lifecycle events of the broker', async () => {
    await tell('connected');
    await tell('connected');
    await host.advance(2_000);
    expect((await device()).presence).toEqual({ connected: true, sinceMs: 1_780_000_000_123 });
    await tell('disconnected');
    await tell('disconnected');
    await host.advance(60_000);
    expect((await device()).presence).toEqual({ connected: false, sinceMs: 1_780_000_300_456 });
  });

  test('read what a rule hands over', async () => {
    await twice('checkForUpdate', captured('iot-rule'));
    await host.settle();
    expect(host.deviceMessages(THING).filter(({ topic }) => topic.endsWith('/refused'))).toEqual([]);
  });

  test('find an uploaded object under the key that S3 has encoded', async () => {
    const { bucket } = host.host.buckets.of('evenkeel-test-firmware-000000000000-local');
    await host.invoke('onFirmwareUploaded', captured('s3-test-event'));
    // It belongs to no release, and is therefore removed once it is found.
    const key = "uploads/acme/cam/it's(new)*/cam-rev-b";
    await bucket.put(key, Buffer.from('firmware'));
    await host.settle();
    expect(await bucket.head(key)).toBeUndefined();
    await twice('onFirmwareUploaded', uploadOf('uploads/acme/cam/it%27s%28new%29%2A/cam-rev-b'));
  });

  test('apply an event of the bus once, and never an older one after a newer', async () => {
    const [detail] = DeviceChanged.examples;
    const { source, type } = DeviceChanged;
    const say = (facts: object) =>
      twice('onDeviceChanged', bridgeEvent(source, type, { ...detail, ...facts }));
    const why = async () => (await host.http('GET', '/devices/cam-0001/why')).body.hardware;
    await say({ entityVersion: 50, hardware: 'cam-rev-c', colour: 'blue' });
    expect(await why()).toBe('cam-rev-c');
    await say({ entityVersion: 49, hardware: 'cam-rev-b' });
    expect(await why()).toBe('cam-rev-c');
    await expect(say({ entityVersion: 51, v: 2 })).rejects.toThrow();
    expect(await why()).toBe('cam-rev-c');
  });

  test('answer a request in the format of API Gateway, whatever else it carries', async () => {
    const body = Buffer.from('{"tags":["lab"]}').toString('base64');
    const answers = await twice('tagDevice', httpEvent({ body, isBase64Encoded: true }));
    expect(answers).toMatchObject([{ statusCode: 200 }, { statusCode: 200 }]);
    expect((await device()).tags).toEqual(['lab']);
    for (const odd of [
      { body: '{"tags":["lab"],"__proto__":{}}' },
      { body: `{"tags":${'['.repeat(200_000)}` },
    ])
      expect(await host.invoke('tagDevice', httpEvent(odd))).toMatchObject({ statusCode: 400 });
    const queryStringParameters = { limit: '10,20' };
    expect(await host.invoke('listDevices', httpEvent({ queryStringParameters }))).toMatchObject({
      statusCode: 400,
    });
  });

  test('refuse a rollout document that nests as deep as it is long', async () => {
    const deep = `{"document":{"release":"cam/2.1.0","selector":${'['.repeat(60_000)}${']'.repeat(60_000)}}}`;
    expect(await host.invoke('createRollout', httpEvent({ pathParameters: {}, body: deep }))).toMatchObject({
      statusCode: 400,
    });
  });

  test('publish what was inserted, nothing of what TTL removed, and a repeat under the same id', async () => {
    const before = host.events.length;
    await twice('device-registry/relayOutbox', captured('dynamodb-stream'));
    const ids = host.events.slice(before).map(({ id }) => id);
    expect(ids).toEqual(['01JD4Z6Q7R8S9T0V1W2X3Y4Z5A', '01JD4Z6Q7R8S9T0V1W2X3Y4Z5A']);
  });

  test('run by the schedule', async () => {
    await twice('tickRollouts', captured('schedule'));
  });

  test('keep the one poison record of a batch, and deal with the others', async () => {
    const batch = sqsBatch(REPORT_BATCH.reports, 'poison', REPORT_BATCH.reports);
    for (const answer of await twice('storeReports', batch))
      expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    const { body } = await host.http('GET', `/devices/cam-0001/reports?day=2026-05-28`);
    expect(body.reports).not.toEqual([]);
  });
});
