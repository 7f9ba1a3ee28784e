import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { MqttClient } from 'mqtt';
import { type BrokerClients, startBrokerClients } from '#host/testing/broker-clients.ts';
import { upTopic } from '#shared/contracts/device/topics.ts';

let devices: BrokerClients;
beforeAll(async () => {
  devices = await startBrokerClients();
});
afterAll(() => devices.host.stop());
afterEach(() => devices.endAll());

/** Resolves once so many messages of that device have been acknowledged. */
async function say(client: MqttClient, thing: string, times: number): Promise<void> {
  const said = Array.from({ length: times }, () =>
    client.publishAsync(upTopic(thing, 'report'), '{}', { qos: 1 }),
  );
  await Promise.all(said);
}

test('a device that sends more than its share waits, alone, and nothing of it is lost', async () => {
  const flooding = await devices.newClient();
  const other = await devices.newClient();
  await say(flooding.client, flooding.thing, 130);
  const order: string[] = [];
  await Promise.all([
    say(flooding.client, flooding.thing, 1).then(() => order.push('flooding')),
    say(other.client, other.thing, 20).then(() => order.push('other')),
  ]);
  expect(order).toEqual(['other', 'flooding']);
  expect(devices.rulesSaid(flooding.thing)).toEqual([
    'a device is heard with 20 messages a second: the rest of what it sends waits',
  ]);
  expect(devices.rulesSaid(other.thing)).toEqual([]);
});

test('a device that has sent more than its share has no other by connecting again', async () => {
  const { thing, certificate, client } = await devices.newClient();
  const other = await devices.newThing();
  await say(client, thing, 130);
  await client.endAsync(true);
  const order: string[] = [];
  await Promise.all([
    devices.connect(thing, certificate).then(() => order.push('flooding')),
    devices.connect(other.thing, other.certificate).then(() => order.push('other')),
  ]);
  expect(order).toEqual(['other', 'flooding']);
});
