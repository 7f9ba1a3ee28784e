import { once } from 'node:events';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ATTRIBUTES,
  type BrokerClients,
  closed,
  nextMessage,
  startBrokerClients,
} from '#host/testing/broker-clients.ts';
import { upTopic } from '#shared/contracts/device/topics.ts';

let devices: BrokerClients;
beforeAll(async () => {
  devices = await startBrokerClients();
});
afterAll(() => devices.host.stop());
afterEach(() => devices.endAll());

/** Lifecycle events of a thing so far, in order of time. */
const seenOf: Record<string, unknown>[] = [];
async function presenceOf(thing: string, count: number): Promise<Record<string, unknown>[]> {
  const queue = devices.host.serving.host.resources.queue('evenkeel-test-presence');
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
    const { thing, client } = await devices.newClient();
    await client.subscribeAsync(`ek/${thing}/+`, { qos: 1 });
    const answer = nextMessage(client);
    await client.publishAsync(upTopic(thing, 'check'), '{"word":"ahoi"}', { qos: 1 });
    expect(await answer).toEqual({ topic: `ek/${thing}/offer`, json: { word: 'ahoi' } });
  });

  it('sends nothing down before what it tells of is committed', async () => {
    const { thing, client } = await devices.newClient();
    await client.subscribeAsync(`ek/${thing}/ack`, { qos: 1 });
    const acknowledged = nextMessage(client);
    await client.publishAsync(upTopic(thing, 'report'), '{"word":"told"}', { qos: 1 });
    await acknowledged;
    // What is read now was on disk before the message left, because the store has one file and one order of commits.
    const table = devices.host.serving.host.resources.table('evenkeel-test-words');
    const [kept] = await table.get([{ pk: thing, sk: 'told' }], { consistent: true });
    expect(kept?.n).toBe(1);
  });

  it('acknowledges a fact only once it is in the queue', async () => {
    const { thing, client } = await devices.newClient();
    const queue = devices.host.serving.host.resources.queue('evenkeel-test-words');
    const before = (await queue.unread()).messages;
    await client.publishAsync(upTopic(thing, 'report'), '{"word":"kept"}', { qos: 1 });
    expect((await queue.unread()).messages).toBe(before + 1);
  });

  it('refuses a certificate that is not of its authority, and a client without one', async () => {
    const { thing, certificate } = await devices.newThing();
    const foreign = await startBrokerClients();
    try {
      const stolen = await foreign.host.issue(thing, ATTRIBUTES);
      await expect(devices.connect(thing, stolen)).rejects.toThrow();
    } finally {
      await foreign.host.stop();
    }
    const nobody = { ...certificate, certificatePem: '', privateKeyPem: '' };
    await expect(devices.connect(thing, nobody)).rejects.toThrow();
  });

  it('refuses a certificate that was revoked, names whose it was, and ends its live connection', async () => {
    const { thing, certificate, client } = await devices.newClient();
    const gone = closed(client);
    await devices.host.identity.revoke(thing, certificate.certificateId);
    await gone;
    await expect(devices.connect(thing, certificate)).rejects.toThrow();
    expect(devices.rulesSaid(thing)).toEqual(['the certificate must be one that is in force here']);
  });

  it('refuses a client id that is not the name of the thing', async () => {
    const { thing, certificate } = await devices.newThing();
    const other = await devices.newThing();
    await expect(devices.connect(other.thing, certificate)).rejects.toThrow(/Not authorized/);
    await expect(devices.connect('acme:cam-999', certificate)).rejects.toThrow(/Not authorized/);
    // The log tells who it was, and once: whatever it calls itself.
    expect(devices.rulesSaid(other.thing)).toEqual([]);
    expect(devices.rulesSaid(thing)).toEqual(['the policy must allow this client id to connect']);
    expect(devices.host.lines).toContainEqual(
      expect.objectContaining({ client: thing, claimed: other.thing }),
    );
    await devices.connect(thing, certificate);
  });

  it('refuses keep-alive below 30 and above 1,200 seconds, and none at all', async () => {
    const { thing, certificate } = await devices.newThing();
    for (const keepalive of [0, 29, 1_201]) {
      await expect(devices.connect(thing, certificate, { keepalive })).rejects.toThrow(/Not authorized/);
    }
    await devices.connect(thing, certificate, { keepalive: 30 });
  });

  it('ends the connection of a client that publishes on the topic of another', async () => {
    const victim = await devices.newThing();
    const { thing, client } = await devices.newClient();
    const gone = closed(client);
    client.publish(upTopic(victim.thing, 'report'), '{"word":"forged"}', { qos: 1 });
    await gone;
    expect(devices.rulesSaid(thing)[0]).toMatch(/must be one that the policy allows to publish to/);
  });

  it('ends the connection of a client that publishes with QoS 2', async () => {
    const { thing, client } = await devices.newClient();
    const gone = closed(client);
    client.publish(upTopic(thing, 'check'), '{}', { qos: 2 });
    await gone;
    expect(devices.rulesSaid(thing)).toEqual(['QoS 2 is not served']);
  });

  it('ends the connection of a client whose payload is over 128 KB, and takes one of 128 KB', async () => {
    const { thing, client } = await devices.newClient();
    await client.publishAsync(upTopic(thing, 'check'), Buffer.alloc(131_072), { qos: 1 });
    const gone = closed(client);
    client.publish(upTopic(thing, 'check'), Buffer.alloc(131_073), { qos: 1 });
    await gone;
    expect(devices.rulesSaid(thing).at(-1)).toMatch(/must be at most 131072 bytes/);
  });

  it('ends the connection of a client that retains without the right', async () => {
    const { thing, client } = await devices.newClient();
    const gone = closed(client);
    client.publish(upTopic(thing, 'check'), '{}', { qos: 1, retain: true });
    await gone;
    expect(devices.rulesSaid(thing).at(-1)).toMatch(/^retain/);
  });

  it('ends the older of two connections with one client id, as their lifecycle events tell', async () => {
    const { thing, certificate, client } = await devices.newClient();
    const gone = closed(client);
    const second = await devices.connect(thing, certificate);
    await gone;
    expect(second.connected).toBe(true);
    expect(devices.host.serving.broker.connections).toBe(1);
    const [first, end, again] = await presenceOf(thing, 3);
    expect(first).toMatchObject({ eventType: 'connected', principalIdentifier: certificate.certificateId });
    expect(end).toMatchObject({ eventType: 'disconnected', disconnectReason: 'DUPLICATE_CLIENTID' });
    expect(end?.sessionIdentifier).toBe(first?.sessionIdentifier);
    expect(again).toMatchObject({ eventType: 'connected' });
    expect(again?.sessionIdentifier).not.toBe(first?.sessionIdentifier);
  });

  it('tells of a client that says goodbye, and of one that is cut off', async () => {
    const polite = await devices.newClient();
    await polite.client.endAsync();
    expect((await presenceOf(polite.thing, 2))[1]).toMatchObject({
      disconnectReason: 'CLIENT_INITIATED_DISCONNECT',
      clientInitiatedDisconnect: true,
    });
    const lost = await devices.newClient();
    lost.client.stream.destroy();
    expect((await presenceOf(lost.thing, 2))[1]).toMatchObject({
      disconnectReason: 'CONNECTION_LOST',
      clientInitiatedDisconnect: false,
    });
  });

  it('drops a client that does not read what is sent to it, and nobody else waits for it', async () => {
    const { thing, client } = await devices.newClient();
    const other = await devices.newClient();
    await client.subscribeAsync(`ek/${thing}/offer`, { qos: 1 });
    await other.client.subscribeAsync(`ek/${other.thing}/offer`, { qos: 1 });
    client.stream.pause();
    const { broker } = devices.host.serving;
    for (let n = 0; n < 400; n++) await broker.publish(`ek/${thing}/offer`, Buffer.alloc(100_000));
    const answer = nextMessage(other.client);
    await broker.publish(`ek/${other.thing}/offer`, Buffer.from('{"n":1}'));
    expect(await answer).toMatchObject({ json: { n: 1 } });
    expect((await presenceOf(thing, 2))[1]).toMatchObject({ disconnectReason: 'THROTTLED' });
    expect(devices.rulesSaid(thing)[0]).toMatch(/^a client must read/);
  });

  it('lets nobody wait who sends to a client that does not read: others are to be answered, too', async () => {
    const { thing, client } = await devices.newClient();
    await client.subscribeAsync(`ek/${thing}/offer`, { qos: 1 });
    client.stream.pause();
    const { broker } = devices.host.serving;
    for (let n = 0; n < 400; n++) await broker.publish(`ek/${thing}/offer`, Buffer.alloc(100_000));
    // Who waited for it to read would wait until nothing has moved for ten seconds, and never send more than it may leave unread.
    expect(devices.rulesSaid(thing)).toEqual([expect.stringMatching(/^a client must read: more than/)]);
    expect((await presenceOf(thing, 2))[1]).toMatchObject({ disconnectReason: 'THROTTLED' });
  });

  it('ends the connection of a client that floods it', async () => {
    const { thing, client } = await devices.newClient();
    const gone = closed(client);
    for (let n = 0; n < 2_000; n++) client.publish(upTopic(thing, 'check'), '{"word":"x"}', { qos: 0 });
    await gone;
    expect(devices.rulesSaid(thing)).toContain('at most 200 packets a second');
  });

  /** A TLS connection with a certificate that is in force, on which no MQTT was spoken yet. */
  async function newSocket(): Promise<TLSSocket> {
    const { certificate } = await devices.newThing();
    const socket = tlsConnect({
      port: devices.host.serving.file.mqttPort,
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
