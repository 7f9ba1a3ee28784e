import { readFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import path from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectionLimits } from '#host/connection-limits.ts';
import { startServedHost } from '#host/testing/served-host.ts';
import { CallerTurns } from './caller-turns.ts';

const ROOT = path.join(import.meta.dirname, '../testing/fixtures/parrot');
/** Requests of one caller that are in service at once (docs/operations.md). */
const IN_SERVICE = 16;

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Resolves once what is ready has run, and what that has put off to the next turn of the loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('the turns of callers', () => {
  it('serve sixteen requests of one at once, those that wait in their order, and others meanwhile', async () => {
    const turns = new CallerTurns();
    const begun: string[] = [];
    const ending = new Map<string, () => void>();
    const serve = (name: string) => () => {
      begun.push(name);
      return new Promise<void>((resolve) => ending.set(name, resolve));
    };
    const names = Array.from({ length: IN_SERVICE + 2 }, (_, at) => `eve-${at}`);
    const served = names.map((name) => turns.next('acme eve', serve(name)));
    const other = turns.next('acme bob', serve('bob'));
    await settled();
    expect(begun).toEqual([...names.slice(0, IN_SERVICE), 'bob']);
    ending.get('eve-7')?.();
    await settled();
    expect(begun.at(-1)).toBe(`eve-${IN_SERVICE}`);
    for (let at = 0; at < names.length; at += 1) {
      for (const end of ending.values()) end();
      await settled();
    }
    await Promise.all([...served, other]);
    expect(begun.at(-1)).toBe(`eve-${IN_SERVICE + 1}`);
  });

  it('tell a request whether it had to wait, so that its token is looked at again only then', async () => {
    const turns = new CallerTurns();
    const all = Array.from({ length: IN_SERVICE + 1 }, () =>
      turns.next('acme eve', (hasWaited) => Promise.resolve(hasWaited)),
    );
    const waited = await Promise.all(all);
    expect(waited).toEqual([...Array.from({ length: IN_SERVICE }, () => false), true]);
  });

  it('give the place of a request that failed to the next', async () => {
    const turns = new CallerTurns();
    const fails = () => Promise.reject(new Error('failed'));
    const all = Array.from({ length: 3 * IN_SERVICE }, () => turns.next('acme eve', fails));
    const outcomes = await Promise.allSettled(all);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(await turns.next('acme eve', () => Promise.resolve('served'))).toBe('served');
  });
});

it('lets in who comes from elsewhere while one token has requests without an end on all connections', async () => {
  const openFiles = 8 * 3 * IN_SERVICE;
  const host = await startServedHost({ root: ROOT, openFiles });
  ends.push(() => host.stop());
  const { httpPort: port, authority, adminToken } = host.serving.file;
  const ca = await readFile(authority);
  const token = (await readFile(adminToken, 'utf8')).trim();
  const announces = async () => {
    const tcp = connectTcp({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    const socket = connectTls({ socket: tcp, servername: 'localhost', ca });
    ends.push(() => void socket.destroy());
    await announcesBody(socket, token);
  };
  for (let left = connectionLimits(openFiles).https - 1; left > 0; left -= 1) await announces();
  // The last place of all, which is free again once it has been answered.
  expect(await host.https('GET', '/health')).toMatchObject({ status: 200 });
  await announces();
  expect(await host.https('GET', '/health')).toMatchObject({ status: 200 });
});

/** Announces a body that never comes; resolves once the host has read as much, or has cut it off. */
async function announcesBody(socket: TLSSocket, token: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket
    .on('error', () => undefined)
    .once('close', resolve)
    .once('data', () => resolve());
  socket.write(
    `POST /words/ahoi HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n`,
  );
  await promise;
}
