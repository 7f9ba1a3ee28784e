import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type BrokerClients, closed, startBrokerClients } from '#host/testing/broker-clients.ts';
import type { IssuedCertificate } from '#shared/capabilities/identity.ts';
import { upTopic } from '#shared/contracts/device/topics.ts';

let devices: BrokerClients;
beforeAll(async () => {
  devices = await startBrokerClients();
});
afterAll(() => devices.host.stop());
afterEach(() => devices.endAll());

/** Begins a TLS connection. */
function connectSocket({ certificatePem, privateKeyPem = '', authorityPem }: IssuedCertificate): TLSSocket {
  const socket = tlsConnect({
    port: devices.host.serving.file.mqttPort,
    host: 'localhost',
    ca: authorityPem,
    cert: certificatePem,
    key: privateKeyPem,
  });
  return socket.on('error', () => undefined);
}

/** A TLS connection that the host has taken, and that has not said CONNECT yet. */
async function newSocket(certificate: IssuedCertificate): Promise<TLSSocket> {
  const socket = connectSocket(certificate);
  // A ticket for the next time comes once the host has looked at the certificate; the client is through with its part before that.
  await once(socket, 'session');
  // Not within the event: OpenSSL is still reading then.
  await setImmediate();
  return socket;
}

/** CONNECT of MQTT 3.1.1 with a clean session, and with an empty will where one is told. */
function connectPacket(
  clientId: string,
  keepAliveSeconds = 60,
  will?: { topic: string; qos: number },
): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const flags = will === undefined ? 2 : 2 | 4 | (will.qos << 3);
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, flags, 0, keepAliveSeconds]),
    text(clientId),
    ...(will === undefined ? [] : [text(will.topic), text('')]),
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

/** PUBLISH with QoS 1 and the packet id 7, so long that it comes in several pieces. */
function publishPacket(topic: string, word: string): Buffer {
  const payload = Buffer.from(JSON.stringify({ word }).padEnd(100_000));
  const rest = Buffer.concat([
    Buffer.from([0, topic.length]),
    Buffer.from(topic),
    Buffer.from([0, 7]),
    payload,
  ]);
  const { length } = rest;
  const groups = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
  return Buffer.concat([Buffer.from([0x32, ...groups]), rest]);
}

describe('a device with a certificate of its own', () => {
  it('is not let in by a connection that it opened before its certificate was revoked', async () => {
    const { thing, certificate } = await devices.newThing();
    const socket = await newSocket(certificate);
    await devices.host.identity.revoke(thing, certificate.certificateId);
    const answer = once(socket, 'data');
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write(connectPacket(thing));
    expect((await answer)[0]).toEqual(Buffer.from([0x20, 2, 0, 5]));
    await gone;
    expect(devices.rulesSaid(thing)).toEqual(['the certificate must be one that is in force here']);
  });

  it('is heard only once its CONNECT has been answered, however soon it goes on', async () => {
    const { thing, certificate } = await devices.newThing();
    const queue = devices.host.serving.host.resources.queue('evenkeel-test-words');
    const before = (await queue.unread()).messages;
    for (let n = 0; n < 20; n++) {
      const socket = await newSocket(certificate);
      const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.resume();
      // A keep-alive that is refused.
      socket.write(
        Buffer.concat([connectPacket(thing, 5), publishPacket(upTopic(thing, 'report'), 'early')]),
      );
      await gone;
    }
    expect((await queue.unread()).messages).toBe(before);
  });

  it('has at most ten connections at once, and comes in again when they have ended', async () => {
    const { thing, certificate } = await devices.newThing();
    const sockets: TLSSocket[] = [];
    for (let n = 0; n < 10; n++) sockets.push(await newSocket(certificate));
    const refused = connectSocket(certificate);
    await new Promise<void>((resolve) => refused.resume().once('close', () => resolve()));
    expect(devices.rulesSaid(thing)).toEqual(['a device has at most 10 connections at once']);
    const [first, ...others] = sockets;
    first?.write(connectPacket(thing));
    if (first !== undefined) expect((await once(first, 'data'))[0]).toEqual(Buffer.from([0x20, 2, 0, 0]));
    for (const socket of others) socket.destroy();
    await devices.connect(thing, certificate);
  });

  it('does not fill the log with what it calls itself, or what it publishes to', async () => {
    const long = 'x'.repeat(60_000);
    const { thing, certificate } = await devices.newThing();
    await expect(devices.connect(long, certificate)).rejects.toThrow();
    const { thing: other, client } = await devices.newClient();
    const gone = closed(client);
    client.publish(`ek/${long}/check`, '{}');
    await gone;
    const lines = devices.host.lines.filter((line) => line.client === thing || line.client === other);
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines).length).toBeLessThan(2_000);
  });

  it('has at most 50 subscriptions, and again as many once it has given them up', async () => {
    const { thing, client } = await devices.newClient();
    const filters = Array.from({ length: 50 }, (_, n) => `ek/${thing}/${n}/+`);
    const byEight = Array.from({ length: 7 }, (_, n) => filters.slice(n * 8, n * 8 + 8));
    for (const some of byEight) await client.subscribeAsync(some);
    for (const some of byEight) await client.unsubscribeAsync(some);
    for (const some of byEight) await client.subscribeAsync(some);
    await client.subscribeAsync(filters.slice(0, 8));
    const gone = closed(client);
    client.subscribe(`ek/${thing}/more`, () => undefined);
    await gone;
    expect(devices.rulesSaid(thing)).toEqual(['at most 50 subscriptions']);
  });

  it('is cut off when it sends more bytes than a device ever has to say', async () => {
    const { thing, client } = await devices.newClient();
    const gone = closed(client);
    // So much that it is too much even where a machine stands still for some seconds in the middle, which count as a pause of the device.
    for (let n = 0; n < 100; n++) client.publish(upTopic(thing, 'check'), Buffer.alloc(100_000), { qos: 0 });
    await gone;
    expect(devices.rulesSaid(thing)).toEqual(['at most 524288 bytes a second']);
  });

  it.each([
    ['3.1', 'MQIsdp', [3], []],
    ['5', 'MQTT', [5], [0]],
    ['of a level that there is not', 'MQTT', [9], []],
  ])('is told so when it speaks MQTT %s, and the log says why', async (_, name, level, properties) => {
    const { thing, certificate } = await devices.newThing();
    const socket = await newSocket(certificate);
    const answer = once(socket, 'data');
    const rest = Buffer.from([...level, 2, 0, 60, ...properties, 0, thing.length]);
    const body = Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), rest, Buffer.from(thing)]);
    socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    expect((await answer)[0]).toEqual(Buffer.from([0x20, 2, 0, 1]));
    await gone;
    expect(devices.rulesSaid(thing)).toEqual(['the protocol must be MQTT 3.1.1']);
  });

  it('is refused with a will of a QoS that is not served, or that there is not', async () => {
    for (const qos of [2, 3]) {
      const { thing, certificate } = await devices.newThing();
      const socket = await newSocket(certificate);
      const answer = once(socket, 'data');
      socket.write(connectPacket(thing, 60, { topic: upTopic(thing, 'inventory'), qos }));
      expect((await answer)[0]).toEqual(Buffer.from([0x20, 2, 0, 5]));
      expect(devices.rulesSaid(thing)).toEqual(['the QoS of a will must be 0 or 1']);
    }
  });

  it('is told of in the log when it says what MQTT does not have', async () => {
    const { thing, client } = await devices.newClient();
    const gone = closed(client);
    // SUBSCRIBE with the flags of a PUBLISH, and no filter in it.
    client.stream.write(Buffer.from([0x80, 2, 0, 1]));
    await gone;
    expect(devices.host.lines.find((line) => line.client === thing)).toMatchObject({
      rule: 'packets must be as MQTT 3.1.1 has them, and come in time',
      reason: 'CLIENT_ERROR',
      error: expect.stringContaining('subscribe'),
    });
  });

  it('is not blamed for a network that fails', async () => {
    const { thing, client } = await devices.newClient();
    const { broker } = devices.host.serving;
    client.stream.destroy();
    while (broker.connections > 0) await setImmediate();
    expect(devices.rulesSaid(thing)).toEqual([]);
  });
});
