import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectionLimits } from '#host/connection-limits.ts';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import { upTopic } from '#shared/contracts/device/topics.ts';

const ROOT = path.join(import.meta.dirname, 'testing/fixtures/parrot');
const ATTRIBUTES = { tenant: 'acme', product: 'cam', hardware: 'cam-rev-b' };
/** So few that some connections take all there are. */
const OPEN_FILES = 40;
const LIMITS = connectionLimits(OPEN_FILES);

let host: ServedHost;
const silent: Socket[] = [];
beforeAll(async () => {
  host = await startServedHost({ root: ROOT, openFiles: OPEN_FILES });
});
afterAll(async () => {
  for (const socket of silent) socket.destroy();
  await host.stop();
});

/** Connects and then says nothing, not even hello. */
async function saysNothing(port: number): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  silent.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** A connection from there that may send its request. */
async function greeted(localAddress: string): Promise<TLSSocket> {
  const { httpPort: port, authority } = host.serving.file;
  const tcp = connectTcp({ port, host: '127.0.0.1', localAddress });
  const socket = connectTls({ socket: tcp, servername: 'localhost', ca: await readFile(authority) });
  socket.on('error', () => undefined);
  silent.push(socket);
  await once(socket, 'secureConnect');
  return socket;
}

/** The first line of what comes back; empty when the connection is cut off. */
async function statusOf(socket: TLSSocket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once('data', (chunk) => resolve(String(chunk).slice(9, 12)));
  socket.once('close', () => resolve(''));
  if (socket.destroyed) resolve('');
  return promise;
}

const cutOffs = (rule: RegExp) => host.lines.filter((line) => rule.test(String(line.rule)));

describe('connections that say nothing', () => {
  it('keep no device out, and none that is in', async () => {
    const { mqttPort } = host.serving.file;
    const certificate = await host.issue('acme:in', ATTRIBUTES);
    const inside = await host.connect('acme:in', certificate);
    const first = await saysNothing(mqttPort);
    const firstGone = new Promise<void>((resolve) => first.once('close', () => resolve()));
    for (let n = 0; n < 2 * LIMITS.devices; n++) await saysNothing(mqttPort);
    await firstGone;
    const late = await host.connect('acme:late', await host.issue('acme:late', ATTRIBUTES));
    for (const [thing, client] of [
      ['acme:in', inside],
      ['acme:late', late],
    ] as const)
      await client.publishAsync(upTopic(thing, 'check'), '{"word":"ahoi"}', { qos: 1 });
    expect(cutOffs(/has not said CONNECT/).length).toBeGreaterThan(0);
  });

  it('keep no request out', async () => {
    const { httpPort } = host.serving.file;
    for (let n = 0; n < 3 * LIMITS.https; n++) await saysNothing(httpPort);
    expect((await host.https('POST', '/words/ahoi', { body: '{"volume":2}' })).status).toBe(201);
    expect(cutOffs(/room for another/).length).toBeGreaterThan(0);
  });

  it('cut off nobody of another network, however slowly it asks', async () => {
    const { httpPort } = host.serving.file;
    const operator = await greeted('127.0.0.2');
    operator.write('GET /health HTTP/1.1\r\nhost:');
    for (let n = 0; n < 3 * LIMITS.https; n++) await saysNothing(httpPort);
    operator.write(' x\r\n\r\n');
    expect(await statusOf(operator)).toBe('200');
  });

  it('cut off nobody whose token holds, however slowly its body comes', async () => {
    const { httpPort, adminToken } = host.serving.file;
    const token = (await readFile(adminToken, 'utf8')).trim();
    const operator = await greeted('127.0.0.1');
    operator.write(
      `POST /words/ahoi HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\nexpect: 100-continue\r\ncontent-length: 12\r\n\r\n`,
    );
    expect(await statusOf(operator)).toBe('100');
    for (let n = 0; n < 3 * LIMITS.https; n++) await saysNothing(httpPort);
    operator.write('{"volume":2}');
    expect(await statusOf(operator)).toBe('201');
  });
});

describe('downloads', () => {
  /** Asks for an object and then takes nothing of it; answers the status. */
  async function asks(target: URL, authorityPem: string, localAddress = '127.0.0.1'): Promise<string> {
    const tcp = connectTcp({ port: Number(target.port), host: '127.0.0.1', localAddress });
    const socket = connectTls({ socket: tcp, servername: 'localhost', ca: authorityPem });
    socket.on('error', () => undefined);
    silent.push(socket);
    socket.write(`GET ${target.pathname}${target.search} HTTP/1.1\r\nhost: x\r\n\r\n`);
    const [head] = await once(socket, 'data');
    socket.pause();
    return String(head).slice(9, 12);
  }

  it('of a whole fleet leave room for people and for other addresses, and are refused beyond their share', async () => {
    const { uploads, downloads } = host.serving.host.buckets.of('evenkeel-test-files-000000000000-local');
    const body = 'x'.repeat(8_000_000);
    const upload = await uploads.begin('in/big.bin', { sizeBytes: body.length, lifeSeconds: 60 });
    const put = new URL(upload.parts[0]?.url ?? '');
    const { headers } = await host.https('PUT', put.pathname + put.search, { body, token: null });
    await uploads.complete('in/big.bin', upload.uploadId, [{ number: 1, etag: String(headers.etag) }]);
    const target = new URL(await downloads.url('in/big.bin', { lifeSeconds: 60 }));
    const { authorityPem } = await host.issue('acme:any', ATTRIBUTES);
    const statuses: string[] = [];
    while (statuses.at(-1) !== '429') statuses.push(await asks(target, authorityPem));
    expect(statuses.length - 1).toBe(Math.floor(LIMITS.https * (3 / 4)));
    expect((await host.https('POST', '/words/ahoi', { body: '{"volume":2}' })).status).toBe(201);
    expect(await asks(target, authorityPem, '127.0.0.2')).toBe('200');
  });
});
