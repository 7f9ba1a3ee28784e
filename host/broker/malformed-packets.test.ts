import { once } from 'node:events';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MqttClient } from 'mqtt';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import type { IssuedCertificate } from '#shared/capabilities/identity.ts';
import { downTopic, upTopic } from '#shared/contracts/device/topics.ts';

const ROOT = path.join(import.meta.dirname, '../testing/fixtures/parrot');
const ATTRIBUTES = { tenant: 'acme', product: 'cam', hardware: 'cam-rev-b' };
const THING = 'acme:evil';
const NEIGHBOUR = 'acme:neighbour';
/** CONNECT, PUBLISH with QoS 0 and 1, SUBSCRIBE, PINGREQ and DISCONNECT, as they begin where all is well. */
const SOUND_HEADS = [0x10, 0x30, 0x32, 0x82, 0xc0, 0xe0];

let host: ServedHost;
let certificate: IssuedCertificate;
let neighbour: MqttClient;
beforeAll(async () => {
  host = await startServedHost({ root: ROOT });
  certificate = await host.issue(THING, ATTRIBUTES);
  neighbour = await host.connect(NEIGHBOUR, await host.issue(NEIGHBOUR, ATTRIBUTES));
});
afterAll(() => host.stop());

/** CONNECT of MQTT 3.1.1 that is let in. */
const CONNECT = Buffer.from([
  ...[0x10, 12 + THING.length, 0, 4],
  ...Buffer.from('MQTT'),
  ...[4, 2, 0, 60, 0, THING.length],
  ...Buffer.from(THING),
]);

/** A string of MQTT: its length, which may be a lie, and its bytes. */
const text = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(
        '',
        '#',
        '+/+',
        '$SYS/#',
        '$aws/events/presence/connected/x',
        upTopic(NEIGHBOUR, 'check'),
        downTopic(NEIGHBOUR, 'offer'),
        upTopic(THING, 'check'),
      ),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constant('t'.repeat(65_535)),
    ),
    fc.option(fc.nat(65_535), { freq: 5 }),
  )
  .map(([words, lie]) => {
    const bytes = Buffer.from(words);
    const length = lie ?? Math.min(bytes.length, 65_535);
    return Buffer.concat([Buffer.from([length >> 8, length & 0xff]), bytes.subarray(0, 65_535)]);
  });

const body = fc
  .array(fc.oneof(text, fc.uint8Array({ maxLength: 12 }), fc.constant(Buffer.from([0, 7]))), {
    maxLength: 10,
  })
  .map((parts) => Buffer.concat(parts));

/** Packets of all sixteen types with all flags, whose length is true most of the time. */
const packet = fc
  .tuple(
    fc.oneof(fc.nat(255), fc.constantFrom(...SOUND_HEADS)),
    body,
    fc.option(fc.nat(300_000_000), { freq: 6 }),
  )
  .map(([head, rest, lie]) => {
    const length: number[] = [];
    for (let left = lie ?? rest.length; length.length === 0 || left > 0; left = Math.floor(left / 128))
      length.push((left % 128) | (left >= 128 ? 0x80 : 0));
    return Buffer.concat([Buffer.from([head, ...length]), rest]);
  });

/** What may be said aloud, and is not this device's to say: QoS 0, no packet identifier, one byte of payload. */
const forbidden = fc
  .constantFrom(downTopic(NEIGHBOUR, 'offer'), upTopic(NEIGHBOUR, 'check'), '$aws/things/x/shadow/update')
  .map((topic) => Buffer.from([0x30, topic.length + 3, 0, topic.length, ...Buffer.from(`${topic}!`)]));

const session = fc.record({
  isIn: fc.boolean(),
  packets: fc.array(fc.oneof({ weight: 9, arbitrary: packet }, { weight: 1, arbitrary: forbidden }), {
    minLength: 1,
    maxLength: 8,
  }),
});

async function open(): Promise<TLSSocket> {
  const { certificatePem: cert, privateKeyPem: key = '', authorityPem: ca } = certificate;
  const socket = connect({ port: host.serving.file.mqttPort, host: 'localhost', ca, cert, key });
  socket.on('error', () => undefined).resume();
  // The host has looked at the certificate.
  await once(socket, 'session');
  await setImmediate();
  return socket;
}

/** All connections of the thing end once another one says CONNECT for it, and leaves. */
async function takeOver(): Promise<void> {
  const client = await host.connect(THING, certificate);
  await client.endAsync();
}

test('whatever bytes a device sends, nobody else is hurt, nothing of the host fails, and the log stays short', async () => {
  const heard: string[] = [];
  const answered = new Promise<void>((resolve) => {
    neighbour.on('message', (topic, payload) => {
      heard.push(`${topic} ${payload.toString()}`);
      if (payload.includes('ahoi')) resolve();
    });
  });
  await neighbour.subscribeAsync(downTopic(NEIGHBOUR, 'offer'));
  let isGone = false;
  neighbour.on('close', () => {
    isGone = true;
  });
  await fc.assert(
    fc.asyncProperty(session, async ({ isIn, packets }) => {
      const socket = await open();
      const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.write(Buffer.concat(isIn ? [CONNECT, ...packets] : packets));
      // It is closed from the other side once all of it was read, or right away for what it said.
      socket.end();
      await gone;
    }),
    { numRuns: 150, seed: 20_261_127 },
  );
  await takeOver();
  await neighbour.publishAsync(upTopic(NEIGHBOUR, 'check'), '{"word":"ahoi"}', { qos: 1 });
  await answered;
  expect(isGone).toBe(false);
  expect(heard).toEqual([`${downTopic(NEIGHBOUR, 'offer')} {"word":"ahoi"}`]);
  expect(host.lines.filter(({ level }) => level === 'ERROR')).toEqual([]);
  expect(host.lines.filter(({ client }) => client === THING).length).toBeLessThanOrEqual(2);
});
