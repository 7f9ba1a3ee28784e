import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { batch, request } from '../../testing/events.ts';
import { openRegistryHome, type RegistryHome } from '../../testing/registry-home.ts';
import { handler as get } from '../get-device/handler.ts';
import { handler as connected } from '../on-device-connected/handler.ts';
import { handler as register } from '../register-device/handler.ts';
import { handler as disconnected } from './handler.ts';

describe('presence', () => {
  let home: RegistryHome;
  beforeEach(async () => {
    home = openRegistryHome();
    const body = { deviceId: 'cam-0001', product: 'cam', hardware: 'cam-rev-b' };
    await home.invoke(register, request({ body }));
  });
  afterEach(() => home.close());

  const event = (sessionIdentifier: string, timestamp: number, clientId = 'acme:cam-0001') => ({
    clientId,
    sessionIdentifier,
    timestamp,
  });
  async function presence() {
    await home.settle();
    const { body } = await home.invoke(get, request({ params: { deviceId: 'cam-0001' } }));
    return JSON.parse(body).presence;
  }

  test('ends with the session that began it', async () => {
    await home.invoke(connected, batch([event('s1', 1000)]));
    await home.invoke(disconnected, batch([event('s1', 9000)]));
    expect(await presence()).toEqual({ connected: false, sinceMs: 9000 });
  });

  test('goes on in the new session when the end of the old one comes late', async () => {
    await home.invoke(connected, batch([event('s1', 1000), event('s2', 5000)]));
    await home.invoke(disconnected, batch([event('s1', 99_000)]));
    expect(await presence()).toEqual({ connected: true, sinceMs: 5000 });
  });

  test('stays ended when the beginning of that session is heard after its end', async () => {
    await home.invoke(disconnected, batch([event('s1', 9000)]));
    await home.invoke(connected, batch([event('s1', 1000)]));
    expect(await presence()).toEqual({ connected: false, sinceMs: 9000 });
  });

  test('is never a change of the registry, and so never on the bus', async () => {
    const changes = home.changes().length;
    await home.invoke(connected, batch([event('s1', 1000)]));
    expect(home.changes()).toHaveLength(changes);
  });

  test('of a client that is no device is nobody’s', async () => {
    const outcome = await home.invoke(connected, batch([event('s1', 1000, 'iotconsole-1')]));
    expect(outcome.batchItemFailures).toEqual([]);
    const { items } = await home.presence.query({ partition: 'D#iotconsole-1', limit: 1, consistent: true });
    expect(items).toEqual([]);
  });

  test('loses nothing when two functions follow one device at once', async () => {
    await home.invoke(connected, batch([event('s1', 1000)]));
    const deliveries = [
      [disconnected, batch([event('s1', 9000)])],
      [connected, batch([event('s2', 5000)])],
    ] as const;
    await Promise.all(
      deliveries.map(async ([handler, messages]) => {
        for (let outcome = await home.invoke(handler, messages); outcome.batchItemFailures.length > 0; ) {
          outcome = await home.invoke(handler, messages);
        }
      }),
    );
    expect(await presence()).toEqual({ connected: true, sinceMs: 5000 });
    await home.invoke(disconnected, batch([event('s2', 9500)]));
    expect(await presence()).toEqual({ connected: false, sinceMs: 9500 });
  });

  test('keeps an event that breaks its contract for the dead-letter queue', async () => {
    const outcome = await home.invoke(connected, batch([{ clientId: 'acme:cam-0001' }, event('s1', 1000)]));
    expect(outcome.batchItemFailures).toEqual([{ itemIdentifier: '0' }]);
    expect(await presence()).toMatchObject({ connected: true });
  });
});
