import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ThrottledError } from '#shared/errors/errors.ts';
import { portOf } from '#shared/program/port-of.ts';
import { Transfers } from './transfers.ts';

const MOST = 4;
const TURN_MS = 30_000;
const FLEET = '127.0.0.1';
const OTHER = '127.0.0.2';

let nowMs: number;
let refusals: { readonly address: string; readonly rule: string }[];
let ends: (() => void)[];
let port: number;

beforeEach(async () => {
  nowMs = 0;
  refusals = [];
  const onNoRoom = (address: string, rule: string) => refusals.push({ address, rule });
  const transfers = new Transfers({ most: MOST, world: { monotonicMs: () => nowMs }, onNoRoom });
  // Sends as many bytes as the path says, and then nothing more.
  const server = createServer((asked, response) => {
    try {
      transfers.begin(asked, response);
      response.write(Buffer.alloc(Number(asked.url?.slice(1))));
    } catch (error) {
      response.writeHead(error instanceof ThrottledError ? 429 : 500).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = portOf(server);
  ends = [() => server.closeAllConnections(), () => server.close()];
});
afterEach(() => {
  for (const end of ends) end();
});

interface Asked {
  readonly status: number | undefined;
  /** Resolves once it is cut off. */
  readonly gone: Promise<void>;
}

async function ask(localAddress: string, { method = 'GET', bytes = 1 } = {}): Promise<Asked> {
  const asking = request({ port, host: '127.0.0.1', method, localAddress, path: `/${bytes}`, agent: false });
  asking.on('error', () => undefined).end();
  const [response]: [IncomingMessage] = (await once(asking, 'response')) as [IncomingMessage];
  const gone = new Promise<void>((resolve) => response.once('error', () => resolve()));
  for (let left = bytes; left > 0 && response.statusCode === 200; )
    left -= (await once(response, 'data'))[0].length;
  return { status: response.statusCode, gone };
}

async function askAll(localAddress: string, times = MOST, options = {}): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (let n = 0; n < times; n++) asked.push(await ask(localAddress, options));
  return asked;
}

describe('downloads, when all there may be are at work', () => {
  it('are refused to who has as many as anybody, such as a whole fleet behind one address', async () => {
    await askAll(FLEET);
    expect((await ask(FLEET)).status).toBe(429);
    expect(refusals).toEqual([{ address: FLEET, rule: 'at most 4 uploads and downloads at the same time' }]);
  });

  it('make room for those of another address until both have the same, the oldest first', async () => {
    const [first, second] = await askAll(FLEET);
    expect((await ask(OTHER)).status).toBe(200);
    await first?.gone;
    expect((await ask(OTHER)).status).toBe(200);
    await second?.gone;
    expect([(await ask(OTHER)).status, (await ask(FLEET)).status]).toEqual([429, 429]);
    expect(refusals[0]).toMatchObject({ address: FLEET, rule: expect.stringContaining('must make room') });
  });

  it('make room once they have had their turn and crawl, the slowest first, whoever comes', async () => {
    const [quick, crawls] = [await ask(FLEET, { bytes: 2_000_000 }), await ask(OTHER, { bytes: 100 })];
    await ask(FLEET, { bytes: 100_000 });
    await ask(OTHER, { bytes: 90_000 });
    nowMs = TURN_MS - 1;
    expect((await ask(FLEET)).status).toBe(429);
    nowMs = TURN_MS;
    expect((await ask(FLEET)).status).toBe(200);
    await crawls.gone;
    let isQuickGone = false;
    void quick.gone.then(() => {
      isQuickGone = true;
    });
    await askAll('127.0.0.3', 3);
    expect(isQuickGone).toBe(false);
  });

  it('never make room at the cost of uploads', async () => {
    await askAll(FLEET, MOST, { method: 'PUT' });
    nowMs = TURN_MS;
    expect((await ask(OTHER)).status).toBe(429);
  });
});
