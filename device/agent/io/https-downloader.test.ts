import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SharedContent } from '#device/fleet/shared-content.ts';
import { CuttingProxy } from '#device/testing/cutting-proxy.ts';
import { call, publishRelease, type ServedRelease, until } from '#device/testing/served-release.ts';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import { realWorld } from '#shared/world/real-world.ts';
import type { Wanted } from '../ports.ts';
import { DiskPartials } from './disk-partials.ts';
import { HttpsDownloader } from './https-downloader.ts';
import type { PartialStore } from './partial.ts';

const SIZE = 3_000_000;
const CUT_AT = 1_000_000;
/** Nobody waits for so long here: a server that says nothing because the machine stands still is not left. */
const IDLE_MS = 60_000;

describe.each([
  ['a disk of its own', (directory: string): PartialStore => new DiskPartials(directory)],
  [
    'content that a fleet shares',
    (directory: string): PartialStore => new SharedContent(directory).partials(),
  ],
])('a download into %s', (_, partialsIn) => {
  const bytes = randomBytes(SIZE);
  let host: ServedHost;
  let release: ServedRelease;
  let proxy: CuttingProxy;
  let wanted: Wanted;
  let partials: PartialStore;
  let downloader: HttpsDownloader;
  let agent: Agent;
  let runs = 0;
  const go = (changes: Partial<Wanted> = {}, signal = new AbortController().signal) =>
    downloader.fetch({ ...wanted, ...changes }, signal);

  beforeAll(async () => {
    host = await startServedHost();
    release = await publishRelease(host, bytes);
  });
  afterAll(() => host.stop());

  beforeEach(async () => {
    proxy = new CuttingProxy(host.serving.file.httpPort);
    const port = await proxy.listen();
    const { product, version, hardware, sha256, sizeBytes } = release;
    const { url } = await call(host, 'POST', `/releases/${product}/${version}/artifacts/${hardware}/url`);
    const through = new URL(url);
    through.port = String(port);
    wanted = { url: through.href, sha256, sizeBytes, version };
    partials = partialsIn(path.join(host.directory, `downloads-${runs++}`));
    agent = new Agent({ ca: release.backend.authorityPem });
    downloader = new HttpsDownloader({ partials, world: realWorld, agent, idleMs: IDLE_MS });
  });
  afterEach(() => {
    agent.destroy();
    proxy.close();
  });

  test('brings exactly the bytes that were published', async () => {
    expect((await readFile(await go())).equals(bytes)).toBe(true);
  });

  test('goes on by range where a cut connection had left it', async () => {
    Object.assign(proxy, { cuts: 1, cutAfterBytes: CUT_AT });
    await expect(go()).rejects.toMatchObject({ failure: 'network' });
    expect((await readFile(await go())).equals(bytes)).toBe(true);
    // Less than a second whole download passed: what was there was not sent again.
    expect(proxy.passedBytes).toBeLessThan(SIZE + CUT_AT / 2);
  });

  test('that goes on from bytes that were lost with the power begins anew: the release is not to blame', async () => {
    Object.assign(proxy, { cuts: 1, cutAfterBytes: CUT_AT });
    await expect(go()).rejects.toMatchObject({ failure: 'network' });
    const torn = await partials.open(wanted.sha256, SIZE);
    const { receivedBytes, etag } = torn;
    await torn.restart(etag);
    await torn.append(Buffer.alloc(receivedBytes));
    await torn.pause();
    await expect(go()).rejects.toMatchObject({ failure: 'network' });
    expect((await readFile(await go())).equals(bytes)).toBe(true);
  });

  test('of which a part cannot be read any more begins anew', async () => {
    Object.assign(proxy, { cuts: 1, cutAfterBytes: CUT_AT });
    await expect(go()).rejects.toMatchObject({ failure: 'network' });
    // As flash answers of a dead block, whoever asks, until the file is gone.
    let isDead = true;
    const dead = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    const worn: PartialStore = {
      whole: (sha256) => partials.whole(sha256),
      open: (sha256, sizeBytes) => (isDead ? Promise.reject(dead) : partials.open(sha256, sizeBytes)),
      discard: async (sha256) => {
        await partials.discard(sha256);
        isDead = false;
      },
    };
    const onWorn = downloader.into(worn);
    const fetch = () => onWorn.fetch(wanted, new AbortController().signal);
    await expect(fetch()).rejects.toMatchObject({ failure: 'network' });
    expect((await readFile(await fetch())).equals(bytes)).toBe(true);
  });

  test('whose bytes are not the signed ones is refused and not kept', async () => {
    const sha256 = 'f'.repeat(64);
    await expect(go({ sha256 })).rejects.toMatchObject({ failure: 'mismatch' });
    const left = await partials.open(sha256, SIZE);
    expect(left.receivedBytes).toBe(0);
    await left.pause();
  });

  test('that is longer than what was signed is refused before it is whole', async () => {
    await expect(go({ sizeBytes: 100_000 })).rejects.toMatchObject({ failure: 'mismatch' });
  });

  test('by a URL that is not valid any more asks for another', async () => {
    const forged = wanted.url.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    await expect(go({ url: forged })).rejects.toMatchObject({ failure: 'expired' });
  });

  test('does not take place without TLS, nor from a server of another authority', async () => {
    await expect(go({ url: 'http://localhost/x' })).rejects.toMatchObject({ failure: 'mismatch' });
    agent.options.ca = undefined;
    await expect(go()).rejects.toMatchObject({ failure: 'network' });
  });

  test('that is stopped can go on later', async () => {
    const stop = new AbortController();
    const slow = new HttpsDownloader({
      partials,
      world: realWorld,
      agent,
      idleMs: IDLE_MS,
      bytesPerSecond: 100_000,
    });
    const running = slow.fetch(wanted, stop.signal);
    await until(() => proxy.passedBytes > 200_000, 'some bytes passed');
    stop.abort();
    await expect(running).rejects.toMatchObject({ failure: 'network' });
    expect((await readFile(await go())).equals(bytes)).toBe(true);
  });
});

describe('downloads on the disk of a device', () => {
  test('are not trusted after a reboot: they are read again', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-downloads-'));
    const partials = new DiskPartials(directory);
    const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
    const partial = await partials.open(sha256);
    await partial.append(Buffer.from('test'));
    expect(await partial.digest()).toBe(sha256);
    const kept = await partial.keep();
    expect(await new DiskPartials(directory).whole(sha256)).toBe(kept);
    await truncate(kept, 3);
    expect(await new DiskPartials(directory).whole(sha256)).toBeUndefined();
    await writeFile(`${kept}.part`, 'te');
    const resumed = await new DiskPartials(directory).open(sha256);
    expect(resumed.receivedBytes).toBe(2);
    await resumed.append(Buffer.from('st'));
    expect(await resumed.digest()).toBe(sha256);
    await rm(directory, { recursive: true });
  });
});
