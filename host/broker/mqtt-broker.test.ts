import { once } from 'node:events';
import path from 'node:path';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { MqttClient } from 'mqtt';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import type { IssuedCertificate } from '#shared/capabilities/identity.ts';
import { upTopic } from '#shared/contracts/device/topics.ts';

const ROOT = path.join(import.meta.dirname, '../testing/fixtures/parrot');
const ATTRIBUTES = { tenant: 'acme', product: 'cam', hardware: 'cam-rev-b' };

let host: ServedHost;
let clients: MqttClient[] = [];
let serial = 0;

beforeAll(async () => {
  host = await startServedHost({ root: ROOT });
});
afterAll(() => host.stop());
afterEach(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  clients = [];
});

/** A thing of its own for every test, so that the log tells of each. */
async function newThing(): Promise<{ thing: string; certificate: IssuedCertificate }> {
  serial += 1;
  const thing = `acme:cam-${serial}`;
  return { thing, certificate: await host.issue(thing, ATTRIBUTES) };
}

async function connect(thing: string, certificate: IssuedCertificate, options = {}): Promise<MqttClient> {
  const client = await host.connect(thing, certificate, options);
  clients.push(client);
  return client;
}

async function newClient(options = {}) {
  const { thing, certificate } = await newThing();
  return { thing, certificate, client: await connect(thing, certificate, options) };
}

function nextMessage(client: MqttClient): Promise<{ topic: string; json: unknown }> {
  return new Promise((resolve) => {
    client.once('message', (topic, payload) => resolve({ topic, json: JSON.parse(payload.toString()) }));
  });
}

function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.once('close', resolve);
  });
}

const rulesSaid = (thing: string) =>
  host.lines.filter(({ client }) => client === thing).map(({ rule }) => String(rule));

/** Lifecycle events of a thing so far, in order of time. */
const seenOf: Record<string, unknown>[] = [];
async function presenceOf(thing: string, count: number): Promise<Record<string, unknown>[]> {
  const queue = host.serving.host.resources.queue('evenkeel-test-presence');
  for (;;) {
    const messages = await queue.receive(100, 600);
    seenOf.push(...messages.map(({ body }) => JSON.parse(body)));
    const own = seenOf.filter(({ clientId }) => clientId === thing);
    if (own.length >= count) return own;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the broker', () => {
  it('brings a question of a device to its function and the answer back', async () => {
    const { thing, client } = await newClient();
    await client.subscribeAsync(`ek/${thing}/+`, { qos: 1 });
    const answer = nextMessage(client);
    await client.publishAsync(upTopic(thing, 'check'), '{"word":"ahoi"}', { qos: 1 });
    expect(await answer).toEqual({ topic: `ek/${thing}/offer`, json: { word: 'ahoi' } });
  });

  it('sends nothing down before what it tells of is committed', async () => {
    const { thing, client } = await newClient();
    await client.subscribeAsync(`ek/${thing}/ack`, { qos: 1 });
    const acknowledged = nextMessage(client);
    await client.publishAsync(upTopic(thing, 'report'), '{"word":"told"}', { qos: 1 });
    await acknowledged;
    // What is read now was on disk before the message left, because the store has one file and one order of commits.
    const table = host.serving.host.resources.table('evenkeel-test-words');
    const [kept] = await table.get([{ pk: thing, sk: 'told' }], { consistent: true });
    expect(kept?.n).toBe(1);
  });

  it('acknowledges a fact only once it is in the queue', async () => {
    const { thing, client } = await newClient();
    const queue = host.serving.host.resources.queue('evenkeel-test-words');
    const before = (await queue.unread()).messages;
    await client.publishAsync(upTopic(thing, 'report'), '{"word":"kept"}', { qos: 1 });
    expect((await queue.unread()).messages).toBe(before + 1);
  });

  it('refuses a certificate that is not of its authority, and a client without one', async () => {
    const { thing, certificate } = await newThing();
    const foreign = await startServedHost({ root: ROOT });
    try {
      const stolen = await foreign.issue(thing, ATTRIBUTES);
      await expect(connect(thing, stolen)).rejects.toThrow();
    } finally {
      await foreign.stop();
    }
    const nobody = { ...certificate, certificatePem: '', privateKeyPem: '' };
    await expect(connect(thing, nobody)).rejects.toThrow();
  });

  it('refuses a certificate that was revoked, and ends its live connection', async () => {
    const { thing, certificate, client } = await newClient();
    const gone = closed(client);
    await host.identity.revoke(thing, certificate.certificateId);
    await gone;
    await expect(connect(thing, certificate)).rejects.toThrow();
  });

  it('refuses a client id that is not the name of the thing', async () => {
    const { thing, certificate } = await newThing();
    const other = await newThing();
    await expect(connect(other.thing, certificate)).rejects.toThrow(/Not authorized/);
    await expect(connect('acme:cam-999', certificate)).rejects.toThrow(/Not authorized/);
    // The log tells who it was, and once: whatever it calls itself.
    expect(rulesSaid(other.thing)).toEqual([]);
    expect(rulesSaid(thing)).toEqual(['the policy must allow this client id to connect']);
    expect(host.lines).toContainEqual(expect.objectContaining({ client: thing, claimed: other.thing }));
    await connect(thing, certificate);
  });

  it('refuses keep-alive below 30 and above 1,200 seconds, and none at all', async () => {
    const { thing, certificate } = await newThing();
    for (const keepalive of [0, 29, 1_201]) {
      await expect(connect(thing, certificate, { keepalive })).rejects.toThrow(/Not authorized/);
    }
    await connect(thing, certificate, { keepalive: 30 });
  });

  it('ends the connection of a client that publishes on the topic of another', async () => {
    const victim = await newThing();
    const { thing, client } = await newClient();
    const gone = closed(client);
    client.publish(upTopic(victim.thing, 'report'), '{"word":"forged"}', { qos: 1 });
    await gone;
    expect(rulesSaid(thing)[0]).toMatch(/must be one that the policy allows to publish to/);
  });

  it('ends the connection of a client that publishes with QoS 2', async () => {
    const { thing, client } = await newClient();
    const gone = closed(client);
    client.publish(upTopic(thing, 'check'), '{}', { qos: 2 });
    await gone;
    expect(rulesSaid(thing)).toEqual(['QoS 2 is not served']);
  });

  it('ends the connection of a client whose payload is over 128 KB, and takes one of 128 KB', async () => {
    const { thing, client } = await newClient();
    await client.publishAsync(upTopic(thing, 'check'), Buffer.alloc(131_072), { qos: 1 });
    const gone = closed(client);
    client.publish(upTopic(thing, 'check'), Buffer.alloc(131_073), { qos: 1 });
    await gone;
    expect(rulesSaid(thing).at(-1)).toMatch(/must be at most 131072 bytes/);
  });

  it('ends the connection of a client that retains without the right', async () => {
    const { thing, client } = await newClient();
    const gone = closed(client);
    client.publish(upTopic(thing, 'check'), '{}', { qos: 1, retain: true });
    await gone;
    expect(rulesSaid(thing).at(-1)).toMatch(/^retain/);
  });

  it('ends the connection of a client that subscribes to topics of another, or to more of its own than the policy says', async () => {
    const victim = await newThing();
    for (const filter of [
      `ek/${victim.thing}/offer`,
      '#',
      'ek/+/offer',
      '$SYS/#',
      'ek/hint/acme/cam/other',
    ]) {
      const { thing, client } = await newClient();
      const gone = closed(client);
      client.subscribe(filter, { qos: 1 }, () => undefined);
      await gone;
      expect({ filter, rules: rulesSaid(thing) }).toEqual({ filter, rules: [expect.any(String)] });
    }
  });

  it('lets a device hear the hints for its hardware', async () => {
    const { client } = await newClient();
    await client.subscribeAsync('ek/hint/acme/cam/cam-rev-b', { qos: 0 });
    const hint = nextMessage(client);
    await host.serving.broker.publish('ek/hint/acme/cam/cam-rev-b', Buffer.from('{"jitterSeconds":5}'));
    expect(await hint).toMatchObject({ json: { jitterSeconds: 5 } });
  });

  it('ends the connection of a client that sends more than 8 filters in one SUBSCRIBE, and serves 8', async () => {
    const { thing, client } = await newClient();
    const filters = Array.from({ length: 9 }, (_, n) => `ek/${thing}/kind${n}`);
    await client.subscribeAsync(filters.slice(0, 8), { qos: 1 });
    const gone = closed(client);
    client.subscribe(filters, { qos: 1 }, () => undefined);
    await gone;
    expect(rulesSaid(thing)).toEqual(['a SUBSCRIBE has at most 8 filters']);
  });

  it('serves who gives a subscription up and takes it again in one breath', async () => {
    const { thing, client } = await newClient();
    const filters = [`ek/${thing}/+`, `ek/${thing}/offer`];
    for (const filter of filters) {
      await client.subscribeAsync(filter);
      // Without waiting for the first: both packets leave together.
      await Promise.all([client.unsubscribeAsync(filter), client.subscribeAsync(filter)]);
      const message = nextMessage(client);
      await host.serving.broker.publish(`ek/${thing}/offer`, Buffer.from('{"n":1}'));
      expect(await message).toMatchObject({ json: { n: 1 } });
      await client.unsubscribeAsync(filter);
    }
  });

  it('ends the older of two connections with one client id, as their lifecycle events tell', async () => {
    const { thing, certificate, client } = await newClient();
    const gone = closed(client);
    const second = await connect(thing, certificate);
    await gone;
    expect(second.connected).toBe(true);
    expect(host.serving.broker.connections).toBe(1);
    const [first, end, again] = await presenceOf(thing, 3);
    expect(first).toMatchObject({ eventType: 'connected', principalIdentifier: certificate.certificateId });
    expect(end).toMatchObject({ eventType: 'disconnected', disconnectReason: 'DUPLICATE_CLIENTID' });
    expect(end?.sessionIdentifier).toBe(first?.sessionIdentifier);
    expect(again).toMatchObject({ eventType: 'connected' });
    expect(again?.sessionIdentifier).not.toBe(first?.sessionIdentifier);
  });

  it('tells of a client that says goodbye, and of one that is cut off', async () => {
    const polite = await newClient();
    await polite.client.endAsync();
    expect((await presenceOf(polite.thing, 2))[1]).toMatchObject({
      disconnectReason: 'CLIENT_INITIATED_DISCONNECT',
      clientInitiatedDisconnect: true,
    });
    const lost = await newClient();
    lost.client.stream.destroy();
    expect((await presenceOf(lost.thing, 2))[1]).toMatchObject({
      disconnectReason: 'CONNECTION_LOST',
      clientInitiatedDisconnect: false,
    });
  });

  it('drops a client that does not read what is sent to it, and nobody else waits for it', async () => {
    const { thing, client } = await newClient();
    const other = await newClient();
    await client.subscribeAsync(`ek/${thing}/offer`, { qos: 1 });
    await other.client.subscribeAsync(`ek/${other.thing}/offer`, { qos: 1 });
    client.stream.pause();
    const { broker } = host.serving;
    // Without waiting: the publish of what cannot be written ends only with the connection.
    for (let n = 0; n < 400; n++)
      broker.publish(`ek/${thing}/offer`, Buffer.alloc(100_000)).catch(() => undefined);
    const answer = nextMessage(other.client);
    await broker.publish(`ek/${other.thing}/offer`, Buffer.from('{"n":1}'));
    expect(await answer).toMatchObject({ json: { n: 1 } });
    expect((await presenceOf(thing, 2))[1]).toMatchObject({ disconnectReason: 'THROTTLED' });
    expect(rulesSaid(thing)[0]).toMatch(/^a client must read/);
  });

  it('keeps the subscriptions of a client that comes back to its session, and no message that nobody waited for', async () => {
    const { thing, certificate, client } = await newClient({ clean: false });
    await client.subscribeAsync(`ek/${thing}/offer`, { qos: 1 });
    await client.endAsync();
    await host.serving.broker.publish(`ek/${thing}/offer`, Buffer.from('{"n":1}'));
    const back = host.connecting(thing, certificate, { clean: false });
    const message = nextMessage(back);
    clients.push(back);
    await new Promise<void>((resolve) => back.once('connect', () => resolve()));
    await host.serving.broker.publish(`ek/${thing}/offer`, Buffer.from('{"n":2}'));
    expect(await message).toMatchObject({ json: { n: 2 } });
    await back.endAsync();
    const clean = await connect(thing, certificate);
    expect(clean.connected).toBe(true);
  });

  it('keeps of a session what the device may hear, and lets it in again whatever else it asked for', async () => {
    const { thing, certificate, client } = await newClient({ clean: false });
    await client.subscribeAsync(`ek/${thing}/+`);
    const gone = closed(client);
    client.subscribe([`ek/${thing}/offer`, '#'], { qos: 1 }, () => undefined);
    await gone;
    const back = await connect(thing, certificate, { clean: false });
    const message = nextMessage(back);
    await host.serving.broker.publish(`ek/${thing}/ack`, Buffer.from('{"n":1}'));
    expect(await message).toMatchObject({ json: { n: 1 } });
  });

  it('lets a device in whose session has a filter that it may not hear any more', async () => {
    const { thing, certificate, client } = await newClient({ clean: false });
    await client.subscribeAsync(['ek/hint/acme/cam/cam-rev-b', `ek/${thing}/+`]);
    await client.endAsync();
    await host.identity.revoke(thing, certificate.certificateId);
    const other = await host.issue(thing, { ...ATTRIBUTES, hardware: 'cam-rev-c' });
    const back = await connect(thing, other, { clean: false });
    const heard: string[] = [];
    back.on('message', (topic) => heard.push(topic));
    const last = nextMessage(back);
    await host.serving.broker.publish('ek/hint/acme/cam/cam-rev-b', Buffer.from('{}'));
    await host.serving.broker.publish(`ek/${thing}/ack`, Buffer.from('{}'));
    await last;
    expect(heard).toEqual([`ek/${thing}/ack`]);
  });

  it('ends the connection of a client that floods it', async () => {
    const { thing, client } = await newClient();
    const gone = closed(client);
    for (let n = 0; n < 2_000; n++) client.publish(upTopic(thing, 'check'), '{"word":"x"}', { qos: 0 });
    await gone;
    expect(rulesSaid(thing)).toEqual(['at most 200 packets a second']);
  });

  /** A TLS connection with a certificate that is in force, on which no MQTT was spoken yet. */
  async function newSocket(): Promise<TLSSocket> {
    const { certificate } = await newThing();
    const socket = tlsConnect({
      port: host.serving.file.mqttPort,
      host: 'localhost',
      cert: certificate.certificatePem,
      key: certificate.privateKeyPem ?? '',
      ca: certificate.authorityPem,
    });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  it('cuts off who says something else than MQTT', async () => {
    const socket = await newSocket();
    const gone = once(socket, 'close');
    // A PUBLISH that announces 256 MB.
    socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
    await gone;
  });

  it('cuts off who says nothing for ten seconds', async () => {
    const socket = await newSocket();
    const connectedMs = performance.now();
    // Whoever is cut off must read what comes, the end included.
    await once(socket.resume(), 'close');
    expect(performance.now() - connectedMs).toBeGreaterThan(9_000);
  });
});
