import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openAuthority } from '#host/identity/authority.ts';
import { serverCredentials } from '#host/identity/server-certificate.ts';
import { portOf } from '#shared/program/port-of.ts';
import { realWorld } from '#shared/world/real-world.ts';
import type { World } from '#shared/world/world.ts';
import { MqttLink } from './mqtt-link.ts';

const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const SUBSCRIBE = 0x82;
/** How long a device waits for a connection to be subscribed. */
const SUBSCRIBED_MS = 60_000;
const MINUTE_MS = 60_000;

describe('the link of a device to a broker that', () => {
  let directory: string;
  let authorityPem: string;
  let server: Server;
  /** What the broker does with the SUBSCRIBE of each connection. */
  let onSubscribe: (socket: TLSSocket, suback: Buffer) => void;
  let link: MqttLink;
  /** Before each connection, in ms. */
  let waits: number[];
  let downs: string[];
  let giveUp: () => void;
  let nowMs: number;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-bad-broker-'));
    const authority = await openAuthority(directory, realWorld);
    authorityPem = authority.pem;
    const { key, cert } = await serverCredentials({ directory, authority, names: [], world: realWorld });
    server = createServer({ key, cert }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(CONNACK));
      socket.on('data', (bytes: Buffer) => {
        if (bytes[0] !== SUBSCRIBE) return;
        const suback = Buffer.from([0x90, 4, ...bytes.subarray(2, 4), 1, 1]);
        onSubscribe(socket, suback);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    server.close();
    await rm(directory, { recursive: true });
  });
  afterEach(() => link.close());

  /** Waits for nothing, but knows how long it would have. */
  const world: World = {
    ...realWorld,
    random: () => 1,
    monotonicMs: () => nowMs,
    after: (delayMs, run) => {
      if (delayMs === SUBSCRIBED_MS) {
        giveUp = run;
        return () => undefined;
      }
      waits.push(delayMs);
      return realWorld.after(0, run);
    },
  };

  const open = (onUp: () => void = () => undefined, isOver: () => boolean = () => false): Promise<void> => {
    const over = Promise.withResolvers<void>();
    const port = portOf(server);
    link = new MqttLink({
      host: 'localhost',
      port,
      tenant: 'demo',
      thing: 'demo:cam-1',
      product: 'cam',
      hardware: 'rev-b',
      certificatePem: '',
      privateKeyPem: '',
      authorityPem,
      world,
      reconnectUnitMs: 1_000,
      onDown: (why) => {
        downs.push(why);
        if (isOver()) over.resolve();
      },
    });
    link.open({ onUp, onMessage: () => undefined });
    return over.promise;
  };

  beforeEach(() => {
    [waits, downs, nowMs] = [[], [], 0];
  });

  test('takes a subscription and ends each connection at once is asked ever more rarely', async () => {
    onSubscribe = (socket, suback) => socket.write(suback, () => setImmediate(() => socket.destroy()));
    await open(undefined, () => downs.length === 9);
    expect(waits.slice(0, 9)).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 64].map((seconds) => seconds * 1_000));
  });

  test('held a connection for a while before it ended is asked again soon', async () => {
    let ups = 0;
    onSubscribe = (socket, suback) => socket.write(suback, () => setImmediate(() => socket.destroy()));
    await open(
      () => {
        ups += 1;
        // Longer than the longest wait.
        if (ups === 3) nowMs += 2 * MINUTE_MS;
      },
      () => downs.length === 4,
    );
    expect(waits.slice(0, 5)).toEqual([0, 1_000, 2_000, 1_000, 2_000]);
  });

  test('begins a packet that is longer than any message is left before it has sent it', async () => {
    const length = Buffer.from([0xff, 0xff, 0xff, 0x7f]);
    onSubscribe = (socket, suback) => socket.write(Buffer.concat([suback, Buffer.from([0x30]), length]));
    await open(undefined, () => downs.length === 1);
    expect(downs[0]).toBe(
      'the broker sent 268435455 bytes as one packet, and no message has more than 10240',
    );
  });

  test('never answers SUBSCRIBE is left after a minute, and asked again', async () => {
    const again = Promise.withResolvers<void>();
    onSubscribe = () => {
      onSubscribe = (socket, suback) => void socket.write(suback);
      giveUp();
    };
    open(again.resolve);
    await again.promise;
    expect(downs).toEqual(['nothing answered within 60 s']);
  });
});

test('a link without a key that is one says so, again and again, and throws nothing', async () => {
  const told = Promise.withResolvers<string>();
  let downs = 0;
  const link = new MqttLink({
    host: 'localhost',
    port: 1,
    tenant: 'demo',
    thing: 'demo:cam-1',
    product: 'cam',
    hardware: 'rev-b',
    certificatePem: 'none',
    privateKeyPem: 'none',
    authorityPem: '',
    world: realWorld,
    reconnectUnitMs: 1,
    onDown: (why) => {
      downs += 1;
      if (downs === 3) told.resolve(why);
    },
  });
  link.open({ onUp: () => undefined, onMessage: () => undefined });
  expect(await told.promise).toContain('PEM');
  await link.close();
});
