import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { MqttClient } from 'mqtt';
import { type BrokerClients, startBrokerClients } from '#host/testing/broker-clients.ts';
import { upTopic } from '#shared/contracts/device/topics.ts';
import { realWorld } from '#shared/world/real-world.ts';

/** One more than a device is heard with in a row. */
const TOO_MANY = 101;

let devices: BrokerClients;
/** Where the clock by which shares are counted stands still; it goes on as the real one does otherwise. */
let stoppedMs: number | undefined;
beforeAll(async () => {
  const world = { ...realWorld, monotonicMs: () => stoppedMs ?? realWorld.monotonicMs() };
  devices = await startBrokerClients({ world });
});
afterAll(() => devices.host.stop());
beforeEach(() => {
  stoppedMs = realWorld.monotonicMs();
});
afterEach(() => devices.endAll());

/** Resolves once so many messages of that device have been acknowledged. */
async function say(client: MqttClient, thing: string, times: number): Promise<void> {
  const said = Array.from({ length: times }, () =>
    client.publishAsync(upTopic(thing, 'report'), '{}', { qos: 1 }),
  );
  await Promise.all(said);
}

/** Notes when it has ended. */
function noted(work: Promise<unknown>): { readonly work: Promise<unknown>; hasEnded: boolean } {
  const note = { work, hasEnded: false };
  void work.then(() => {
    note.hasEnded = true;
  });
  return note;
}

test('a device that sends more than its share waits, alone, and nothing of it is lost', async () => {
  const flooding = await devices.newClient();
  const other = await devices.newClient();
  await say(flooding.client, flooding.thing, TOO_MANY);
  const more = noted(say(flooding.client, flooding.thing, 1));
  await say(other.client, other.thing, 20);
  expect(more.hasEnded).toBe(false);
  stoppedMs = undefined;
  await more.work;
  expect(devices.rulesSaid(flooding.thing)).toEqual([
    'a device is heard with 20 messages a second: the rest of what it sends waits',
  ]);
  expect(devices.rulesSaid(other.thing)).toEqual([]);
});

test('a device that has sent more than its share has no other by connecting again', async () => {
  const { thing, certificate, client } = await devices.newClient();
  const other = await devices.newThing();
  await say(client, thing, TOO_MANY);
  await client.endAsync(true);
  const again = noted(devices.connect(thing, certificate));
  await devices.connect(other.thing, other.certificate);
  expect(again.hasEnded).toBe(false);
  stoppedMs = undefined;
  await again.work;
});
