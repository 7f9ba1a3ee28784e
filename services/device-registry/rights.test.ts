import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { lifecycle, register, registerTwiceAtOnce, settled } from './testing/events.ts';

const THING = 'acme:cam-0001';
const OTHER = 'acme:cam-0002';

describe('the rights of the registry’s functions', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['device-registry'] });
  });
  afterEach(() => host.stop());

  test('are what a device’s life needs, and no more', async () => {
    await registerTwiceAtOnce(host);
    await register(host, { deviceId: 'cam-0002', csr: 'request' });
    const certificateId = (await host.http('GET', '/devices/cam-0001')).body.certificateId;
    const presence = (kind: string, thing: string) =>
      host.publishFromDevice(thing, `$aws/events/presence/${kind}/${thing}`, lifecycle('s1', 1000, thing));
    // One alone is read in another way than several at once.
    for (const things of [[THING], [THING, OTHER]]) {
      for (const thing of things) await presence('connected', thing);
      for (const thing of things) await presence('disconnected', thing);
      await host.advance(20_000);
    }
    await host.publishFromDevice(THING, 'inventory', { v: 1, attributes: { n: 1 } }, certificateId);
    await host.publishFromDevice(THING, 'inventory', { v: 2 }, certificateId);
    await host.advance(20_000);
    for (const thing of [THING, OTHER])
      await host.publishFromDevice(thing, 'inventory', { v: 1, attributes: { n: 2 } }, certificateId);
    await host.advance(20_000);
    // Those decisions were sealed several at once; one that comes alone is read in another way.
    await host.http('PUT', '/devices/cam-0002/tags', { tags: ['hall-3'] });
    await host.advance(60_000);
    await host.http('GET', '/devices/cam-0001/audit');
    await host.http('GET', '/audit/seals/devices');
    await settled(host);
    expect((await host.http('GET', '/devices')).body.devices).toHaveLength(2);
    expect((await host.http('GET', '/devices?limit=1')).body.devices).toHaveLength(1);
    await host.http('PUT', '/devices/cam-0001/tags', { tags: ['lab'] });
    await host.http('DELETE', '/devices/cam-0001');
    await settled(host);
    expect(host.unusedRights()).toEqual([]);
    expect(await host.deadLetters()).toEqual([]);
  });
});
