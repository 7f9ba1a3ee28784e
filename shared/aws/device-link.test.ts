import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError, ThrottledError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import { IotDeviceLink } from './device-link.ts';
import { losesAnswer, refuses } from './testing/bad-days.ts';
import { pauseForNothing } from './testing/no-pauses.ts';
import { stubbedSettings } from './testing/oracle-process.ts';
import { json, scopeOf, Wire } from './testing/wire.ts';

pauseForNothing();

const TOPIC = 'ek/acme:cam-1/offer';
const PAYLOAD = Buffer.from('{"v":1,"nonce":"n-1","retryAfter":60}');
const accepted = () => json(200, { message: 'OK', traceId: '0' });

describe('AWS IoT Core as the way to devices (stubbed wire: no server of its kind can be had)', () => {
  let wire: Wire;
  let client: IoTDataPlaneClient;
  let link: IotDeviceLink;
  beforeEach(async () => {
    wire = await Wire.open();
    client = new IoTDataPlaneClient(stubbedSettings(wire));
    link = new IotDeviceLink(client);
  });
  afterEach(async () => {
    client.destroy();
    await wire.close();
  });

  test('publishes the very bytes to the topic, with QoS 1', async () => {
    wire.next(accepted);
    await link.publish(TOPIC, PAYLOAD);
    const { method, path, headers, body } = wire.only();
    expect(`${method} ${path}`).toBe('POST /topics/ek%2Facme%3Acam-1%2Foffer?qos=0');
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(scopeOf(wire.only())).toBe('eu-central-1/iotdata');
    expect(body).toEqual(PAYLOAD);
  });

  test('publishes bytes that are no text', async () => {
    wire.next(accepted);
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    await link.publish(TOPIC, bytes);
    expect(wire.only().body).toEqual(Buffer.from(bytes));
  });

  test('sends no payload that AWS IoT would refuse', async () => {
    await expect(link.publish(TOPIC, new Uint8Array(128 * 1024 + 1))).rejects.toThrow(RefusedError);
    expect(wire.requests).toEqual([]);
    wire.next(accepted);
    await link.publish(TOPIC, new Uint8Array(128 * 1024));
    expect(wire.only().body).toHaveLength(128 * 1024);
  });

  test('ends a connection by its client id', async () => {
    wire.next(() => json(200, {}));
    await link.disconnect('acme:cam-1');
    const { method, path, body } = wire.only();
    expect(`${method} ${path}`).toBe('DELETE /connections/acme%3Acam-1');
    expect(scopeOf(wire.only())).toBe('eu-central-1/iotdata');
    expect(body).toHaveLength(0);
  });

  test('finds nothing wrong in a client that is not connected', async () => {
    wire.next(refuses(404, 'ResourceNotFoundException'));
    await link.disconnect('acme:cam-1');
    expect(wire.requests).toHaveLength(1);
  });

  test('publishes again after an answer that was lost: a device hears twice rather than not at all', async () => {
    wire.next(losesAnswer(accepted), accepted);
    await link.publish(TOPIC, PAYLOAD);
    expect(wire.requests.map(({ body }) => body)).toEqual([PAYLOAD, PAYLOAD]);
  });

  test('does not know whether it published when three answers were lost, and tries no more', async () => {
    wire.next(losesAnswer(accepted), losesAnswer(accepted), losesAnswer(accepted));
    await expect(link.publish(TOPIC, PAYLOAD)).rejects.toThrow(UnknownOutcomeError);
    expect(wire.requests).toHaveLength(3);
  });

  test('is throttled after three tries', async () => {
    wire.next(...Array(3).fill(refuses(429, 'ThrottlingException')));
    await expect(link.publish(TOPIC, PAYLOAD)).rejects.toThrow(ThrottledError);
    expect(wire.requests).toHaveLength(3);
  });

  test.each([400, 413])('throws what AWS IoT refuses (%d) without trying again', async (status) => {
    wire.next(refuses(status, 'InvalidRequestException'));
    await expect(link.publish(TOPIC, PAYLOAD)).rejects.toThrow(RefusedError);
    expect(wire.requests).toHaveLength(1);
  });
});
