import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ATTRIBUTES,
  type BrokerClients,
  closed,
  nextMessage,
  startBrokerClients,
} from '#host/testing/broker-clients.ts';

let devices: BrokerClients;
beforeAll(async () => {
  devices = await startBrokerClients();
});
afterAll(() => devices.host.stop());
afterEach(() => devices.endAll());

describe('subscriptions of a device', () => {
  it('ends the connection of a client that subscribes to topics of another, or to more of its own than the policy says', async () => {
    const victim = await devices.newThing();
    for (const filter of [
      `ek/${victim.thing}/offer`,
      '#',
      'ek/+/offer',
      '$SYS/#',
      'ek/hint/acme/cam/other',
    ]) {
      const { thing, client } = await devices.newClient();
      const gone = closed(client);
      client.subscribe(filter, { qos: 1 }, () => undefined);
      await gone;
      expect({ filter, rules: devices.rulesSaid(thing) }).toEqual({ filter, rules: [expect.any(String)] });
    }
  });

  it('lets a device hear the hints for its hardware', async () => {
    const { client } = await devices.newClient();
    await client.subscribeAsync('ek/hint/acme/cam/cam-rev-b', { qos: 0 });
    const hint = nextMessage(client);
    await devices.host.serving.broker.publish(
      'ek/hint/acme/cam/cam-rev-b',
      Buffer.from('{"jitterSeconds":5}'),
    );
    expect(await hint).toMatchObject({ json: { jitterSeconds: 5 } });
  });

  it('ends the connection of a client that sends more than 8 filters in one SUBSCRIBE, and serves 8', async () => {
    const { thing, client } = await devices.newClient();
    const filters = Array.from({ length: 9 }, (_, n) => `ek/${thing}/kind${n}`);
    await client.subscribeAsync(filters.slice(0, 8), { qos: 1 });
    const gone = closed(client);
    client.subscribe(filters, { qos: 1 }, () => undefined);
    await gone;
    expect(devices.rulesSaid(thing)).toEqual(['a SUBSCRIBE has at most 8 filters']);
  });

  it('serves who gives a subscription up and takes it again in one breath', async () => {
    const { thing, client } = await devices.newClient();
    const filters = [`ek/${thing}/+`, `ek/${thing}/offer`];
    for (const filter of filters) {
      await client.subscribeAsync(filter);
      // Without waiting for the first: both packets leave together.
      await Promise.all([client.unsubscribeAsync(filter), client.subscribeAsync(filter)]);
      const message = nextMessage(client);
      await devices.host.serving.broker.publish(`ek/${thing}/offer`, Buffer.from('{"n":1}'));
      expect(await message).toMatchObject({ json: { n: 1 } });
      await client.unsubscribeAsync(filter);
    }
  });

  it('keeps the subscriptions of a client that comes back to its session, and no message that nobody waited for', async () => {
    const { thing, certificate, client } = await devices.newClient({ clean: false });
    await client.subscribeAsync(`ek/${thing}/offer`, { qos: 1 });
    await client.endAsync();
    await devices.host.serving.broker.publish(`ek/${thing}/offer`, Buffer.from('{"n":1}'));
    const back = devices.endLater(devices.host.connecting(thing, certificate, { clean: false }));
    const message = nextMessage(back);
    await new Promise<void>((resolve) => back.once('connect', () => resolve()));
    await devices.host.serving.broker.publish(`ek/${thing}/offer`, Buffer.from('{"n":2}'));
    expect(await message).toMatchObject({ json: { n: 2 } });
    await back.endAsync();
    const clean = await devices.connect(thing, certificate);
    expect(clean.connected).toBe(true);
  });

  it('keeps of a session what the device may hear, and lets it in again whatever else it asked for', async () => {
    const { thing, certificate, client } = await devices.newClient({ clean: false });
    await client.subscribeAsync(`ek/${thing}/+`);
    const gone = closed(client);
    client.subscribe([`ek/${thing}/offer`, '#'], { qos: 1 }, () => undefined);
    await gone;
    const back = await devices.connect(thing, certificate, { clean: false });
    const message = nextMessage(back);
    await devices.host.serving.broker.publish(`ek/${thing}/ack`, Buffer.from('{"n":1}'));
    expect(await message).toMatchObject({ json: { n: 1 } });
  });

  it('lets a device in whose session has a filter that it may not hear any more', async () => {
    const { thing, certificate, client } = await devices.newClient({ clean: false });
    await client.subscribeAsync(['ek/hint/acme/cam/cam-rev-b', `ek/${thing}/+`]);
    await client.endAsync();
    await devices.host.identity.revoke(thing, certificate.certificateId);
    const other = await devices.host.issue(thing, { ...ATTRIBUTES, hardware: 'cam-rev-c' });
    const back = await devices.connect(thing, other, { clean: false });
    const heard: string[] = [];
    back.on('message', (topic) => heard.push(topic));
    const last = nextMessage(back);
    await devices.host.serving.broker.publish('ek/hint/acme/cam/cam-rev-b', Buffer.from('{}'));
    await devices.host.serving.broker.publish(`ek/${thing}/ack`, Buffer.from('{}'));
    await last;
    expect(heard).toEqual([`ek/${thing}/ack`]);
  });
});
