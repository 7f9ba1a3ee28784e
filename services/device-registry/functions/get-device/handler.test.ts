import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestCaller, type TestHost } from '#host/testing/test-host.ts';
import { DeviceView } from '#shared/contracts/api/devices.ts';
import { batch, lifecycle, register, settled } from '../../testing/events.ts';

describe('asking for a device', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['device-registry'], strict: true });
    await register(host, { tags: ['bench'] });
  });
  afterEach(() => host.stop());

  const get = (deviceId: string, caller: TestCaller = {}) =>
    host.http('GET', `/devices/${deviceId}`, undefined, caller);

  test('answers its facts as the contract says, with nothing more', async () => {
    const { status, body } = await get('cam-0001', { role: 'viewer' });
    expect(status).toBe(200);
    expect(DeviceView.strict().parse(body)).toMatchObject({ thing: 'acme:cam-0001', tags: ['bench'] });
    expect(body).not.toHaveProperty('presence');
  });

  test('tells since when it is connected, once it has been heard of', async () => {
    await host.invoke('onDeviceConnected', batch(lifecycle('s1', 5000)));
    await settled(host);
    expect((await get('cam-0001')).body.presence).toEqual({ connected: true, sinceMs: 5000 });
  });

  test('knows no device that is not registered, or of another tenant', async () => {
    const { status, body } = await get('cam-0002');
    expect(status).toBe(404);
    expect(body.error).toMatchObject({ code: 'not-found', field: 'deviceId' });
    expect((await get('cam-0001', { tenant: 'other' })).status).toBe(404);
  });

  test('refuses an id that no device can have', async () => {
    const { status, body } = await get('cam%2F1');
    expect(status).toBe(400);
    expect(body.error.field).toBe('deviceId');
  });
});
