import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call } from '#device/testing/served-release.ts';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import { splitThing } from '#shared/contracts/names.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { MqttLink, type MqttLinkOptions } from './mqtt-link.ts';

describe('the link of a device, over MQTT and TLS', () => {
  let host: ServedHost;
  let options: MqttLinkOptions;

  beforeAll(async () => {
    host = await startServedHost();
    const registered = { deviceId: 'cam-1', product: 'cam', hardware: 'cam-rev-b' };
    await call(host, 'POST', '/products', { product: 'cam', hardware: ['cam-rev-b'] });
    const { thing, certificate, privateKey } = await call(host, 'POST', '/devices', registered);
    const { name, mqttPort, authority } = host.serving.file;
    options = {
      host: name,
      port: mqttPort,
      thing,
      tenant: splitThing(thing).tenant,
      world: realWorld,
      product: 'cam',
      hardware: 'cam-rev-b',
      reconnectUnitMs: 10,
      certificatePem: certificate,
      privateKeyPem: privateKey,
      authorityPem: await readFile(authority, 'utf8'),
    };
  });
  afterAll(() => host.stop());

  /** What a device is told first: that it is connected, or why not. */
  async function opened(changes: Partial<MqttLinkOptions>): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const link = new MqttLink({ ...options, ...changes, onDown: resolve });
    link.open({ onUp: () => resolve('up'), onMessage: () => undefined });
    const told = await promise;
    await link.close();
    return told;
  }

  test('is up once it is subscribed', async () => {
    expect(await opened({})).toBe('up');
  });

  test.each<[string, Partial<MqttLinkOptions>, string]>([
    ['hardware', { hardware: 'cam-rev-z' }, 'must be those that the device was registered with'],
    ['a client id', { thing: 'demo:cam-2' }, 'Not authorized'],
    ['a port', { port: 1 }, 'ECONNREFUSED'],
  ])('says why it is not, with %s that is not its own', async (_what, changes, why) => {
    expect(await opened(changes)).toContain(why);
  });
});
