import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { batch, entriesOf, lifecycle, register, settled } from '../../testing/events.ts';

const THING = 'acme:cam-0001';
const YEAR_MS = 365 * 86_400_000;

const ALL_TAKEN = { batchItemFailures: [] };

describe('presence', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['device-registry'], strict: true });
    await register(host);
  });
  afterEach(() => host.stop());

  const connected = (...events: unknown[]) => host.invoke('onDeviceConnected', batch(...events));
  const disconnected = (...events: unknown[]) => host.invoke('onDeviceDisconnected', batch(...events));
  const tell = (kind: string, session: string) =>
    host.publishFromDevice(THING, `$aws/events/presence/${kind}/${THING}`, {
      ...lifecycle(session, host.world.now()),
      eventType: kind,
      principalIdentifier: 'f'.repeat(64),
      ipAddress: '192.0.2.1',
      versionNumber: 0,
    });
  async function presence() {
    await settled(host);
    return (await host.http('GET', '/devices/cam-0001')).body.presence;
  }

  test('goes from the broker over rules and queues into what is shown', async () => {
    await tell('connected', 's1');
    expect(await presence()).toMatchObject({ connected: true });
    await tell('disconnected', 's1');
    await host.advance(60_000);
    expect(await presence()).toMatchObject({ connected: false });
  });

  test('does not flicker when a device is back within seconds', async () => {
    await tell('connected', 's1');
    await host.settle();
    await tell('disconnected', 's1');
    await host.advance(5000);
    expect(await presence()).toMatchObject({ connected: true });
    await tell('connected', 's2');
    await host.advance(60_000);
    expect(await presence()).toMatchObject({ connected: true });
  });

  test('is as the broker tells it once the clock of the host, which was a year ahead, was put back', async () => {
    host.world.putClock(YEAR_MS);
    await tell('connected', 's1');
    await tell('disconnected', 's1');
    await host.advance(60_000);
    // One that the broker tells no end of.
    await tell('connected', 's2');
    expect(await presence()).toMatchObject({ connected: true });
    host.world.putClock(-YEAR_MS);
    const backMs = host.world.now();
    await tell('connected', 's3');
    expect(await presence()).toEqual({ connected: true, sinceMs: backMs });
    await host.advance(60_000);
    const awayMs = host.world.now();
    await tell('disconnected', 's3');
    await host.advance(60_000);
    expect(await presence()).toEqual({ connected: false, sinceMs: awayMs });
    await tell('connected', 's4');
    expect(await presence()).toMatchObject({ connected: true });
  });

  test('ends with the session that began it', async () => {
    await connected(lifecycle('s1', 1000));
    await disconnected(lifecycle('s1', 9000));
    expect(await presence()).toEqual({ connected: false, sinceMs: 9000 });
  });

  test('goes on in the new session when the end of the old one comes late', async () => {
    await connected(lifecycle('s1', 1000), lifecycle('s2', 5000));
    await disconnected(lifecycle('s1', 99_000));
    expect(await presence()).toEqual({ connected: true, sinceMs: 5000 });
  });

  test('stays ended when the beginning of that session is heard after its end', async () => {
    await disconnected(lifecycle('s1', 9000));
    await connected(lifecycle('s1', 1000));
    expect(await presence()).toEqual({ connected: false, sinceMs: 9000 });
  });

  test('is never a change of the device, and so never on the bus', async () => {
    await connected(lifecycle('s1', 1000));
    expect(await entriesOf(host, 'outbox')).toHaveLength(1);
  });

  test('of a client that is no device is nobody’s', async () => {
    expect(await connected(lifecycle('s1', 1000, 'iotconsole-1'))).toEqual(ALL_TAKEN);
    const range = { partition: 'D#iotconsole-1', limit: 1, consistent: true };
    expect((await host.table('presence').query(range)).items).toEqual([]);
  });

  test('loses nothing when two functions follow one device at once', async () => {
    await connected(lifecycle('s1', 1000));
    const untilTaken = async (deliver: () => Promise<unknown>) => {
      while (!isDeepStrictEqual(await deliver(), ALL_TAKEN));
    };
    await Promise.all([
      untilTaken(() => disconnected(lifecycle('s1', 9000))),
      untilTaken(() => connected(lifecycle('s2', 5000))),
    ]);
    expect(await presence()).toEqual({ connected: true, sinceMs: 5000 });
    await disconnected(lifecycle('s2', 9500));
    expect(await presence()).toEqual({ connected: false, sinceMs: 9500 });
  });

  test('keeps an event that breaks its contract for the dead-letter queue', async () => {
    const outcome = await connected({ clientId: THING }, lifecycle('s1', 1000));
    expect(outcome).toEqual({ batchItemFailures: [{ itemIdentifier: '0' }] });
    expect(await presence()).toMatchObject({ connected: true });
  });
});
