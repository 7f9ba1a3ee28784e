import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DeviceView } from '#shared/contracts/api/devices.ts';
import { batch, request } from '../../testing/events.ts';
import { openRegistryHome, type RegistryHome } from '../../testing/registry-home.ts';
import { handler as connected } from '../on-device-connected/handler.ts';
import { handler as register } from '../register-device/handler.ts';
import { handler } from './handler.ts';

describe('asking for a device', () => {
  let home: RegistryHome;
  beforeEach(async () => {
    home = openRegistryHome();
    const body = { deviceId: 'cam-0001', product: 'cam', hardware: 'cam-rev-b', tags: ['bench'] };
    await home.invoke(register, request({ body }));
  });
  afterEach(() => home.close());

  async function get(deviceId: string, claims: Readonly<Record<string, string>> = {}) {
    const { statusCode, body } = await home.invoke(handler, request({ params: { deviceId }, claims }));
    return { status: statusCode, answer: JSON.parse(body) };
  }

  test('answers its facts as the contract says, with nothing more', async () => {
    const { status, answer } = await get('cam-0001', { role: 'viewer' });
    expect(status).toBe(200);
    expect(DeviceView.strict().parse(answer)).toMatchObject({ thing: 'acme:cam-0001', tags: ['bench'] });
    expect(answer).not.toHaveProperty('presence');
  });

  test('tells since when it is connected, once it has been heard of', async () => {
    const event = { clientId: 'acme:cam-0001', sessionIdentifier: 's1', timestamp: 5000 };
    await home.invoke(connected, batch([event]));
    await home.settle();
    expect((await get('cam-0001')).answer.presence).toEqual({ connected: true, sinceMs: 5000 });
  });

  test('knows no device that is not registered, or of another tenant', async () => {
    expect((await get('cam-0002')).answer.error).toMatchObject({ code: 'not-found', field: 'deviceId' });
    expect((await get('cam-0001', { tenant: 'other' })).status).toBe(404);
  });

  test('refuses an id that no device can have', async () => {
    const { status, answer } = await get('cam%2F1');
    expect(status).toBe(400);
    expect(answer.error.field).toBe('deviceId');
  });
});
