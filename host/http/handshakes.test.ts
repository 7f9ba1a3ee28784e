import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';

const ROOT = path.join(import.meta.dirname, '../testing/fixtures/parrot');
/** So many that the crowd fits in: nobody is cut off. */
const OPEN_FILES = 4_000;
const CROWD = 240;

let host: ServedHost;
beforeAll(async () => {
  host = await startServedHost({ root: ROOT, openFiles: OPEN_FILES });
});
afterAll(() => host.stop());

test('who comes from elsewhere is greeted before most of a crowd that stood before the port', async () => {
  const { httpPort: port, authority } = host.serving.file;
  const ca = await readFile(authority);
  const from = (localAddress: string) => {
    const tcp = connectTcp({ port, host: '127.0.0.1', localAddress });
    return connectTls({ socket: tcp, servername: 'localhost', ca });
  };
  let greeted = 0;
  const crowd = Array.from({ length: CROWD }, () => from('127.0.0.1').once('secureConnect', () => greeted++));
  const allGreeted = Promise.all(crowd.map((socket) => once(socket, 'secureConnect')));
  const operator = from('127.0.0.2');
  await once(operator, 'secureConnect');
  expect(greeted).toBeLessThan(CROWD / 2);
  // And none is forgotten.
  await allGreeted;
  for (const socket of [...crowd, operator]) socket.destroy();
});
