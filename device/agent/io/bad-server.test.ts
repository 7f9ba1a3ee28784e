import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { Agent, createServer, type Server } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openAuthority } from '#host/identity/authority.ts';
import { serverCredentials } from '#host/identity/server-certificate.ts';
import { portOf } from '#shared/program/port-of.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import type { Wanted } from '../ports.ts';
import { DiskPartials } from './disk-partials.ts';
import { HttpsDownloader } from './https-downloader.ts';
import type { PartialStore } from './partial.ts';

const BYTES = randomBytes(200_000);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const HALF = BYTES.length / 2;
const IDLE_MS = 60_000;
const GOES_ON = expect.stringMatching(/^bytes=[1-9]\d*-$/);

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a download from a server that', () => {
  const world = new VirtualWorld();
  let directory: string;
  let server: Server;
  let agent: Agent;
  let wanted: Wanted;
  let partials: PartialStore;
  /** What the server does with each request, in their order; the last goes on. */
  let answers: RequestListener[];
  /** The ranges that were asked for. */
  let ranges: (string | undefined)[];

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-bad-server-'));
    const authority = await openAuthority(directory, realWorld);
    const { key, cert } = await serverCredentials({ directory, authority, names: [], world: realWorld });
    server = createServer({ key, cert }, (request, response) => {
      ranges.push(request.headers.range);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      answer?.(request, response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    agent = new Agent({ ca: authority.pem });
  });
  afterAll(async () => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true });
  });
  beforeEach(() => {
    const port = portOf(server);
    wanted = {
      url: `https://localhost:${port}/x`,
      sha256: SHA256,
      sizeBytes: BYTES.length,
      version: '1.1.0',
    };
    partials = new DiskPartials(path.join(directory, 'downloads'));
    ranges = [];
  });
  afterEach(() => rm(path.join(directory, 'downloads'), { recursive: true, force: true }));

  const downloader = () => new HttpsDownloader({ partials, world, agent, idleMs: IDLE_MS });
  const go = (changes: Partial<Wanted> = {}) =>
    downloader().fetch({ ...wanted, ...changes }, new AbortController().signal);
  const fails = (failure: string) => expect(go()).rejects.toMatchObject({ failure });
  const comes = async () => expect((await readFile(await go())).equals(BYTES)).toBe(true);

  /** So many bytes are on the disk. */
  const arrived = async (bytes: number) => {
    const part = path.join(directory, 'downloads', `${SHA256}.part`);
    while ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) < bytes) await world.settle();
  };

  /** All of it, or what was asked for where it is still the object of that ETag. */
  const whole =
    (etag = '"one"', bytes: Uint8Array = BYTES): RequestListener =>
    ({ headers }, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
      const goesOn = from > 0 && headers['if-range'] === etag;
      const range = goesOn && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(goesOn ? 206 : 200, { etag, ...range }).end(bytes.subarray(goesOn ? from : 0));
    };
  const half =
    (etag = '"one"', bytes: Uint8Array = BYTES): RequestListener =>
    (_request, response) => {
      response.writeHead(200, { etag, 'content-length': bytes.length });
      response.write(bytes.subarray(0, HALF), () => setImmediate(() => response.destroy()));
    };

  test('leaves in the middle goes on where it was', async () => {
    answers = [half(), whole()];
    await fails('network');
    await comes();
    expect(ranges).toEqual([undefined, GOES_ON]);
  });

  test('has another object by then begins anew, with the bytes of that one only', async () => {
    answers = [half('"one"', randomBytes(BYTES.length)), whole('"two"')];
    await fails('network');
    await comes();
    expect(ranges).toEqual([undefined, GOES_ON]);
  });

  test.each<[string, (from: number) => string | undefined]>([
    ['sends another range than was asked for', () => `bytes 0-${BYTES.length - 1}/${BYTES.length}`],
    [
      'says that the object has another length',
      (from) => `bytes ${from}-${BYTES.length}/${BYTES.length + 1}`,
    ],
    ['says no range', () => undefined],
  ])('%s begins anew', async (_, rangeOf) => {
    answers = [
      half(),
      (_request, response) => {
        const from = Number(/\d+/.exec(ranges.at(-1) ?? '')?.[0]);
        const range = rangeOf(from);
        response
          .writeHead(206, { etag: '"one"', ...(range !== undefined && { 'content-range': range }) })
          .end(BYTES.subarray(from));
      },
      whole(),
    ];
    await fails('network');
    await fails('network');
    await comes();
    expect(ranges).toEqual([undefined, GOES_ON, undefined]);
  });

  test('goes on with other bytes under the same ETag begins anew, and does not blame the release', async () => {
    answers = [half('"one"', randomBytes(BYTES.length)), whole(), whole()];
    await fails('network');
    await fails('network');
    await comes();
  });

  test('sends more than was signed is left at once', async () => {
    const closed = Promise.withResolvers<void>();
    answers = [
      (_request, response) => {
        response.on('close', closed.resolve).writeHead(200);
        const more = () =>
          void (response.write(randomBytes(65_536)) ? setImmediate(more) : response.once('drain', more));
        more();
      },
    ];
    await fails('mismatch');
    await closed.promise;
  });

  test.each([
    [302, 'network'],
    [416, 'network'],
    [429, 'network'],
    [500, 'network'],
    [206, 'network'],
    [400, 'expired'],
    [401, 'expired'],
    [403, 'expired'],
    [404, 'expired'],
    [410, 'expired'],
  ])('answers %d is %s', async (status, failure) => {
    answers = [(_request, response) => response.writeHead(status, { location: wanted.url }).end('no')];
    await fails(failure);
    expect(ranges).toHaveLength(1);
  });

  test('cannot go on from there (416) begins anew', async () => {
    answers = [half(), (_request, response) => response.writeHead(416).end(), whole()];
    await fails('network');
    await fails('network');
    await comes();
    expect(ranges).toEqual([undefined, GOES_ON, undefined]);
  });

  test('says a byte now and then is left, and what it said is kept', async () => {
    const began = Promise.withResolvers<void>();
    answers = [
      (_request, response) => {
        response.writeHead(200, { etag: '"one"', 'content-length': BYTES.length });
        const drop = (at: number) => {
          response.write(BYTES.subarray(at, at + 1));
          if (!response.destroyed) world.after(1_000, () => drop(at + 1));
        };
        drop(0);
        began.resolve();
      },
      whole(),
    ];
    const failed = fails('network');
    await began.promise;
    // Each second one byte crosses the wire, which takes real time.
    for (let seconds = 1; seconds <= 60; seconds += 1) {
      await arrived(seconds);
      await world.advance(1_000);
    }
    await failed;
    await comes();
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d?-$/);
  });

  test('says nothing when it is connected to is left', async () => {
    const silent = createTcpServer();
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const connected = once(silent, 'connection');
    const port = portOf(silent);
    const failed = expect(go({ url: `https://localhost:${port}/x` })).rejects.toMatchObject({
      failure: 'network',
    });
    const [socket] = await connected;
    await world.advance(IDLE_MS);
    await failed;
    socket.destroy();
    silent.close();
  });

  test('never answers is left', async () => {
    const asked = Promise.withResolvers<void>();
    answers = [() => asked.resolve()];
    const failed = fails('network');
    await asked.promise;
    await world.advance(IDLE_MS);
    await failed;
  });

  test('takes longer than a window is not left as long as it brings something', async () => {
    const began = Promise.withResolvers<(from: number, to: number) => void>();
    answers = [
      (_request, response) => {
        response.writeHead(200, { etag: '"one"', 'content-length': BYTES.length });
        response.flushHeaders();
        began.resolve((from, to) => void response.write(BYTES.subarray(from, to)));
      },
    ];
    const coming = comes();
    const send = await began.promise;
    for (let to = 20_000; to < BYTES.length; to += 20_000) {
      send(to - 20_000, to);
      await arrived(to);
      await world.advance(IDLE_MS);
    }
    send(BYTES.length - 20_000, BYTES.length);
    await coming;
  });

  test('is asked for the same again while it is being stopped is asked when that is done', async () => {
    answers = [whole()];
    const stop = new AbortController();
    const [writing, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let opens = 0;
    const slow: PartialStore = {
      whole: (sha256) => partials.whole(sha256),
      discard: (sha256) => partials.discard(sha256),
      open: async (sha256, sizeBytes) => {
        const inner = await partials.open(sha256, sizeBytes);
        opens += 1;
        if (opens > 1) {
          opened.resolve();
          return inner;
        }
        const append = inner.append.bind(inner);
        inner.append = async (chunk) => {
          if (inner.receivedBytes === 0) return append(chunk);
          writing.resolve();
          // Its flash is so slow that it still writes when the next download, if that does not wait, has seen what is there.
          await Promise.race([opened.promise, turns(500)]);
          await append(chunk);
        };
        return inner;
      },
    };
    const device = new HttpsDownloader({ partials: slow, world, agent, idleMs: IDLE_MS });
    const first = device.fetch(wanted, stop.signal);
    await writing.promise;
    stop.abort();
    const second = device.fetch(wanted, new AbortController().signal);
    await expect(first).rejects.toMatchObject({ failure: 'network' });
    expect((await readFile(await second)).equals(BYTES)).toBe(true);
  });

  test('has the next release leaves nothing of the one before on the disk', async () => {
    answers = [whole(), half('"two"', randomBytes(BYTES.length)), whole()];
    await comes();
    await expect(go({ sha256: 'f'.repeat(64) })).rejects.toMatchObject({ failure: 'network' });
    expect((await readdir(path.join(directory, 'downloads'))).sort()).toEqual([
      `${'f'.repeat(64)}.etag`,
      `${'f'.repeat(64)}.part`,
    ]);
    await comes();
    expect(await readdir(path.join(directory, 'downloads'))).toEqual([SHA256]);
  });
});
