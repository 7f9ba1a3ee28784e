import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectionLimits } from '#host/connection-limits.ts';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';

const ROOT = path.join(import.meta.dirname, '../testing/fixtures/parrot');
/** So few that two connections are taken, and one download. */
const OPEN_FILES = 16;

let host: ServedHost;
beforeAll(async () => {
  host = await startServedHost({ root: ROOT, openFiles: OPEN_FILES });
});
afterAll(() => host.stop());

/** Writes those requests at once on one connection; answers the statuses and the last body, once as many answers have come. */
async function pipeline(requests: readonly string[]): Promise<{ statuses: string[]; text: string }> {
  const { httpPort: port, authority } = host.serving.file;
  const socket = connect({ host: 'localhost', port, ca: await readFile(authority) });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const statuses: string[] = [];
  let text = '';
  socket.on('error', reject).on('close', () => resolve());
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    const lastAt = text.lastIndexOf('HTTP/1.1 ');
    statuses.push(
      ...Array.from(text.slice(0, lastAt).matchAll(/HTTP\/1.1 (\d+)/g), ([, status = '']) => status),
    );
    text = text.slice(Math.max(0, lastAt));
    const isLastWhole = text.includes('\r\n\r\n');
    if (statuses.length + 1 === requests.length && isLastWhole) socket.end();
  });
  socket.write(requests.map((request) => `${request} HTTP/1.1\r\nhost: x\r\n\r\n`).join(''));
  await promise;
  const last = /^HTTP\/1.1 (\d+)/.exec(text)?.[1];
  return { statuses: last === undefined ? statuses : [...statuses, last], text };
}

test('thousands of requests in one write are all answered, in their order', async () => {
  const requests = Array.from({ length: 3_000 }, (_, at) => (at % 3 === 0 ? 'GET /nowhere' : 'GET /health'));
  const { statuses } = await pipeline(requests);
  expect(statuses).toEqual(requests.map((request) => (request === 'GET /health' ? '200' : '404')));
});

test('one connection has one download at work, however many it asks for', async () => {
  expect(connectionLimits(OPEN_FILES).https).toBe(2);
  const { uploads, downloads } = host.serving.host.buckets.of('evenkeel-test-files-000000000000-local');
  const { uploadId, parts } = await uploads.begin('in/a.bin', { sizeBytes: 5, lifeSeconds: 60 });
  const put = new URL(parts[0]?.url ?? '');
  const { headers } = await host.https('PUT', put.pathname + put.search, { body: '12345', token: null });
  await uploads.complete('in/a.bin', uploadId, [{ number: 1, etag: String(headers.etag) }]);
  const { pathname, search } = new URL(await downloads.url('in/a.bin', { lifeSeconds: 60 }));
  const { statuses } = await pipeline(Array.from({ length: 20 }, () => `GET ${pathname}${search}`));
  expect(statuses).toEqual(Array.from({ length: 20 }, () => '200'));
});
