import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { portOf } from '#shared/program/port-of.ts';
import { readBody } from './read-body.ts';

const ROOT = path.join(import.meta.dirname, '../testing/fixtures/parrot');
const EVERY_MS = 20;

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Sends one byte after the other for as long as anybody takes them; resolves once it is cut off, with all that came back. */
async function dribble(socket: Socket, head: string): Promise<string> {
  let text = '';
  socket
    .on('error', () => undefined)
    .on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
  socket.write(head);
  const sending = setInterval(() => socket.write('x'), EVERY_MS);
  // However it is cut off.
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  clearInterval(sending);
  return text;
}

describe('a body that comes byte by byte', () => {
  it('is given up when its time is over, however lively it is', async () => {
    const refused = Promise.withResolvers<unknown>();
    const server = createServer((request) => void readBody(request, 10 * EVERY_MS).catch(refused.resolve));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => void server.close());
    const port = portOf(server);
    const head = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 250000\r\n\r\n';
    expect(await dribble(connect(port, '127.0.0.1'), head)).toBe('');
    expect(await refused.promise).toBeInstanceOf(RefusedError);
  });

  describe('and nobody wants', () => {
    async function serve(): Promise<{ host: ServedHost; socket: () => Promise<Socket> }> {
      const host = await startServedHost({ root: ROOT });
      ends.push(() => host.stop());
      const certificate = await host.issue('acme:any');
      const { httpPort: port } = host.serving.file;
      const socket = async () => {
        const opened = connectTls({ port, host: 'localhost', ca: certificate.authorityPem });
        await once(opened, 'secureConnect');
        return opened;
      };
      return { host, socket };
    }

    it('is read for some seconds after the answer, and then cut off', async () => {
      const { socket } = await serve();
      const rest = 'HTTP/1.1\r\nhost: x\r\ncontent-length: 250000000\r\n\r\n';
      const answers = await Promise.all([
        dribble(await socket(), `POST /words/ahoi ${rest}`),
        dribble(await socket(), `POST /nowhere ${rest}`),
        dribble(await socket(), `POST /health ${rest}`),
        dribble(await socket(), `PUT /bucket/x ${rest}`),
        dribble(await socket(), `GET /bucket/x ${rest}`),
      ]);
      expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['401', '404', '200', '403', '403']);
    });

    it('is nothing that the host fails at when it breaks off', async () => {
      const { host, socket } = await serve();
      const opened = await socket();
      const adminToken = (await readFile(host.serving.file.adminToken, 'utf8')).trim();
      opened.write(
        `POST /words/ahoi HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${adminToken}\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n`,
      );
      // The host has begun to read the body.
      await once(opened, 'data');
      opened.destroy();
      await once(opened, 'close');
      expect((await host.https('GET', '/health')).status).toBe(200);
      expect(host.lines.filter(({ level }) => level === 'ERROR')).toEqual([]);
    });
  });
});
