import { once } from 'node:events';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ServedBuckets, serveBuckets } from '#host/testing/serve-buckets.ts';
import type { Upload } from '#shared/capabilities/bucket.ts';
import { patternBytes, readAll } from '#shared/capabilities/conformance/object-bytes.ts';

const SIZE_BYTES = 100_000;

describe('a part on its way in', () => {
  let served: ServedBuckets;
  let upload: Upload;
  let url: string;
  beforeEach(async () => {
    served = await serveBuckets({ idleSeconds: 30 });
    upload = await served.buckets
      .of('firmware')
      .uploads.begin('k', { sizeBytes: SIZE_BYTES, lifeSeconds: 600 });
    url = upload.parts[0]?.url ?? '';
  });
  afterEach(async () => {
    await served.close();
    expect(served.faults).toEqual([]);
  });

  /** Files under the bucket's directory; waits for the server to have given up or written what it was sent. */
  async function files(expected: number): Promise<string[]> {
    const directory = join(served.directory, 'buckets', 'firmware');
    for (;;) {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true });
      const found = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
      if (found.length === expected) return found;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Sends the head of a PUT and the first half of its body, and leaves it there. */
  async function sendHalf(): Promise<ClientRequest> {
    const sending = request(url, { method: 'PUT', headers: { 'content-length': SIZE_BYTES } });
    sending.on('error', () => undefined);
    await new Promise((resolve) => sending.write(patternBytes(SIZE_BYTES / 2, 9), resolve));
    await files(1);
    return sending;
  }

  async function refusal(body: Uint8Array, headers: Record<string, string | number>): Promise<unknown> {
    const sending = request(url, { method: 'PUT', headers });
    sending.end(body);
    const [response]: IncomingMessage[] = await once(sending, 'response');
    const text = response === undefined ? '' : Buffer.concat(await response.toArray()).toString();
    return [response?.statusCode, JSON.parse(text).error.field];
  }

  test('leaves nothing when its sender goes away in the middle', async () => {
    const sending = await sendHalf();
    sending.destroy();
    expect(await files(0)).toEqual([]);
  });

  test('is cut off when nothing of it comes for as long as a client may idle, and leaves nothing', async () => {
    const sending = await sendHalf();
    const closed = new Promise((resolve) => sending.on('close', resolve));
    await served.world.advance(60_000);
    await closed;
    expect(await files(0)).toEqual([]);
  });

  test('is not taken for something that a crash left behind', async () => {
    const sending = await sendHalf();
    await served.buckets.start();
    await served.buckets.idle();
    sending.end(patternBytes(SIZE_BYTES / 2, 9));
    const [response]: IncomingMessage[] = await once(sending, 'response');
    expect(response?.statusCode).toBe(200);
    response?.resume();
    expect(await files(1)).toHaveLength(1);
  });

  test('takes the place of the one that came before it, of which nothing is left', async () => {
    await fetch(url, { method: 'PUT', body: new Blob([new Uint8Array(SIZE_BYTES)]) });
    const before = await files(1);
    await fetch(url, { method: 'PUT', body: new Blob([new Uint8Array(SIZE_BYTES).fill(1)]) });
    expect(await files(1)).not.toEqual(before);
  });

  test('does not touch the part that came before it until it is whole', async () => {
    const bytes = patternBytes(SIZE_BYTES);
    const sent = await fetch(url, { method: 'PUT', body: new Blob([new Uint8Array(bytes)]) });
    const again = request(url, { method: 'PUT', headers: { 'content-length': SIZE_BYTES } });
    again.on('error', () => undefined);
    again.write(patternBytes(SIZE_BYTES / 2, 9));
    await files(2);
    again.destroy();
    await files(1);
    const { bucket, uploads } = served.buckets.of('firmware');
    await uploads.complete('k', upload.uploadId, [{ number: 1, etag: sent.headers.get('etag') ?? '' }]);
    expect(await readAll(bucket.read('k'))).toEqual(bytes);
  });

  test('is refused when it comes whole only after the upload was aborted, and leaves nothing', async () => {
    const sending = await sendHalf();
    await served.buckets.of('firmware').uploads.abort('k', upload.uploadId);
    sending.end(patternBytes(SIZE_BYTES / 2, 9));
    const [response]: IncomingMessage[] = await once(sending, 'response');
    expect(response?.statusCode).toBe(404);
    response?.resume();
    expect(await files(0)).toEqual([]);
  });

  test.each([SIZE_BYTES - 1, SIZE_BYTES + 1])(
    'is refused with a length of %p instead of the exact one',
    async (sizeBytes) => {
      const headers = { 'content-length': sizeBytes };
      expect(await refusal(patternBytes(sizeBytes), headers)).toEqual([400, 'content-length']);
    },
  );

  test('is refused without a length', async () => {
    const headers = { 'transfer-encoding': 'chunked' };
    expect(await refusal(patternBytes(SIZE_BYTES), headers)).toEqual([400, 'content-length']);
  });

  test('is cut off when it was refused and keeps sending', async () => {
    const sending = request(url, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } });
    sending.on('error', () => undefined);
    const closed = new Promise((resolve) => sending.on('close', resolve));
    const chunk = new Uint8Array(1024 * 1024);
    let sentBytes = 0;
    const send = () => {
      if (sending.destroyed) return;
      sentBytes += chunk.length;
      sending.write(chunk, () => setImmediate(send));
    };
    send();
    await closed;
    expect(sentBytes).toBeLessThan(40 * 1024 * 1024);
  });
});

describe('an object on its way out', () => {
  let served: ServedBuckets;
  let url: string;
  beforeEach(async () => {
    served = await serveBuckets({ idleSeconds: 30 });
    const { bucket, downloads } = served.buckets.of('firmware');
    await bucket.put('k', patternBytes(32 * 2 ** 20));
    url = await downloads.url('k', { lifeSeconds: 900 });
  });
  afterEach(async () => {
    await served.close();
    expect(served.faults).toEqual([]);
  });

  async function startReading(): Promise<IncomingMessage> {
    const asking = request(url).end();
    const [response]: IncomingMessage[] = await once(asking, 'response');
    if (response === undefined) throw new Error('no response');
    response.on('error', () => undefined);
    await once(response, 'readable');
    return response;
  }

  test('is cut off when its receiver takes nothing for as long as a client may idle', async () => {
    const response = await startReading();
    // Whether the receiver hears of it at once, or only when it reads on, is for the operating system to say.
    const closed = new Promise((resolve) => response.on('close', resolve));
    while ((await served.connections()) > 0) await served.world.advance(30_000);
    response.resume();
    await closed;
    expect(response.complete).toBe(false);
  });

  test('does no harm when its receiver goes away in the middle', async () => {
    const response = await startReading();
    response.destroy();
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  });

  test('comes whole to a receiver that takes its time', async () => {
    const response = await startReading();
    let taken = 0;
    for await (const chunk of response) {
      taken += chunk.length;
      if (taken % 7 === 0) await served.world.advance(1000);
    }
    expect(taken).toBe(32 * 2 ** 20);
  });

  test('is not sent, not even in part, once its file was changed on the disk, and is again once that is mended', async () => {
    const directory = join(served.directory, 'buckets', 'firmware');
    const found = await readdir(directory, { recursive: true, withFileTypes: true });
    const entry = found.find((one) => one.isFile());
    const path = join(entry?.parentPath ?? '', entry?.name ?? '');
    const first = async () => (await fetch(url, { headers: { range: 'bytes=0-999' } })).arrayBuffer();
    expect(Buffer.from(await first())).toEqual(Buffer.from(patternBytes(1000)));
    const good = await readFile(path);
    const bad = Buffer.from(good);
    bad.writeUInt8(bad.readUInt8(20_000_000) ^ 1, 20_000_000);
    await writeFile(path, bad);
    await expect(first()).rejects.toThrow();
    await rm(path);
    await expect(first()).rejects.toThrow();
    expect(served.faults.splice(0)).toMatchObject([
      { code: 'damaged-file', message: `${path} was changed on the disk: restore it from a backup` },
      { code: 'damaged-file', message: `${path} is gone: restore it from a backup` },
    ]);
    await writeFile(path, good);
    expect((await first()).byteLength).toBe(1000);
  });

  test('leaves requests for other paths to others', async () => {
    expect(await (await fetch(`${served.baseUrl}/buckets`)).text()).toBe('elsewhere');
  });
});

test('a damaged object ends its download before its time, and the fault is told', async () => {
  const served = await serveBuckets();
  const { bucket, downloads } = served.buckets.of('firmware');
  await bucket.put('k', patternBytes(1000));
  const directory = join(served.directory, 'buckets', 'firmware');
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    await truncate(join(entry.parentPath, entry.name), 10);
  }
  const url = await downloads.url('k', { lifeSeconds: 60 });
  await expect(fetch(url).then((response) => response.arrayBuffer())).rejects.toThrow();
  expect(served.faults).toEqual([expect.objectContaining({ code: 'damaged-file' })]);
  await served.close();
});
