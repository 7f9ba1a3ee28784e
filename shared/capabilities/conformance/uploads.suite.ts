import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NotFoundError, RefusedError } from '#shared/errors/errors.ts';
import type { Bucket, Upload, Uploads } from '../bucket.ts';
import { bytesOf, patternBytes, readAll } from './object-bytes.ts';

/** A new, empty bucket that takes uploads, for one test. */
export interface OpenUploads {
  readonly bucket: Bucket;
  readonly uploads: Uploads;
  /** Fetches presigned URLs, trusting the server behind them. */
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

const KEY = 'uploads/fw.bin';
const LIFE_SECONDS = 600;

/** What every implementation of `Uploads` must do; `open` is called before each test. */
export function describeUploads(name: string, open: () => Promise<OpenUploads>): void {
  describeParts(name, open);
  describe(`${name} taking uploads by key and version`, () => {
    let opened: OpenUploads;
    let bucket: Bucket;
    let uploads: Uploads;
    beforeEach(async () => {
      opened = await open();
      ({ bucket, uploads } = opened);
    });
    afterEach(() => opened.close());

    const begin = (sizeBytes: number) => uploads.begin(KEY, { sizeBytes, lifeSeconds: LIFE_SECONDS });
    const sendAll = (upload: Upload, bytes: Uint8Array) => sendParts(opened, upload, bytes);

    test('copies an uploaded version whole', async () => {
      const upload = await begin(5);
      await uploads.complete(KEY, upload.uploadId, await sendAll(upload, bytesOf('hello')));
      const head = await bucket.head(KEY);
      expect(await bucket.copy({ key: KEY, version: head?.version ?? '' }, 'sha256/abc')).toBe(true);
      expect(await readAll(bucket.read('sha256/abc'))).toEqual(bytesOf('hello'));
    });

    test('knows no upload under another key', async () => {
      const upload = await begin(5);
      const parts = await sendAll(upload, bytesOf('hello'));
      await expect(uploads.complete('other', upload.uploadId, parts)).rejects.toBeInstanceOf(NotFoundError);
    });
  });
}

/** Beginning, sending, completing and aborting. */
export function describeParts(name: string, open: () => Promise<OpenUploads>): void {
  describe(`${name} taking uploads`, () => {
    let opened: OpenUploads;
    let bucket: Bucket;
    let uploads: Uploads;
    beforeEach(async () => {
      opened = await open();
      ({ bucket, uploads } = opened);
    });
    afterEach(() => opened.close());

    const begin = (sizeBytes: number, key = KEY) =>
      uploads.begin(key, { sizeBytes, lifeSeconds: LIFE_SECONDS });

    const send = (upload: Upload, bytes: Uint8Array, number: number) =>
      sendPart(opened, upload, bytes, number);
    const sendAll = (upload: Upload, bytes: Uint8Array) => sendParts(opened, upload, bytes);

    test('puts parts together in their order, whatever order they came in', async () => {
      const small = await begin(1);
      const bytes = patternBytes(small.partSizeBytes + 3);
      const upload = await begin(bytes.length);
      expect(upload.parts.map((part) => part.number)).toEqual([1, 2]);
      const second = await send(upload, bytes, 2);
      const first = await send(upload, bytes, 1);
      await uploads.complete(KEY, upload.uploadId, [
        { number: 1, etag: first },
        { number: 2, etag: second },
      ]);
      expect(await bucket.head(KEY)).toMatchObject({ key: KEY, sizeBytes: bytes.length });
      expect(Buffer.compare(await readAll(bucket.read(KEY)), bytes)).toBe(0);
    });

    test('shows nothing of an upload until it is complete', async () => {
      const upload = await begin(5);
      await sendAll(upload, bytesOf('hello'));
      expect(await bucket.head(KEY)).toBeUndefined();
      expect((await bucket.list('', { limit: 10 })).objects).toEqual([]);
    });

    test('leaves the object of that key alone until the upload is complete', async () => {
      await bucket.put(KEY, bytesOf('before'));
      const upload = await begin(5);
      const parts = await sendAll(upload, bytesOf('after'));
      expect(await readAll(bucket.read(KEY))).toEqual(bytesOf('before'));
      await uploads.complete(KEY, upload.uploadId, parts);
      expect(await readAll(bucket.read(KEY))).toEqual(bytesOf('after'));
    });

    test('takes a part again, and the last one counts', async () => {
      const upload = await begin(5);
      const [first] = await sendAll(upload, bytesOf('wrong'));
      const parts = await sendAll(upload, bytesOf('right'));
      await expect(
        uploads.complete(KEY, upload.uploadId, [{ number: 1, etag: first?.etag ?? '' }]),
      ).rejects.toBeInstanceOf(RefusedError);
      await uploads.complete(KEY, upload.uploadId, parts);
      expect(await readAll(bucket.read(KEY))).toEqual(bytesOf('right'));
    });

    test('refuses to complete while a part is missing, and completes once it came', async () => {
      const upload = await begin(5);
      const part = { number: 1, etag: `"${'0'.repeat(64)}"` };
      await expect(uploads.complete(KEY, upload.uploadId, [part])).rejects.toBeInstanceOf(RefusedError);
      expect(await bucket.head(KEY)).toBeUndefined();
      await uploads.complete(KEY, upload.uploadId, await sendAll(upload, bytesOf('hello')));
      expect(await readAll(bucket.read(KEY))).toEqual(bytesOf('hello'));
    });

    test('refuses to complete without naming any part', async () => {
      const upload = await begin(5);
      await sendAll(upload, bytesOf('hello'));
      await expect(uploads.complete(KEY, upload.uploadId, [])).rejects.toBeInstanceOf(RefusedError);
    });

    test('finds nothing wrong in completing again, and changes nothing', async () => {
      const upload = await begin(5);
      const parts = await sendAll(upload, bytesOf('hello'));
      await uploads.complete(KEY, upload.uploadId, parts);
      const head = await bucket.head(KEY);
      await uploads.complete(KEY, upload.uploadId, parts);
      expect(await bucket.head(KEY)).toEqual(head);
    });

    test('keeps uploads to one key apart', async () => {
      const one = await begin(3);
      const two = await begin(3);
      const parts = await sendAll(one, bytesOf('one'));
      await sendAll(two, bytesOf('two'));
      await uploads.complete(KEY, one.uploadId, parts);
      expect(await readAll(bucket.read(KEY))).toEqual(bytesOf('one'));
    });

    test('goes on with new URLs after a renewal', async () => {
      const upload = await begin(5);
      const renewed = await uploads.renew(KEY, upload.uploadId, { sizeBytes: 5, lifeSeconds: LIFE_SECONDS });
      expect(renewed).toMatchObject({ uploadId: upload.uploadId, partSizeBytes: upload.partSizeBytes });
      await uploads.complete(KEY, upload.uploadId, await sendAll(renewed, bytesOf('hello')));
      expect(await readAll(bucket.read(KEY))).toEqual(bytesOf('hello'));
    });

    test('renews no upload that was aborted or completed meanwhile: it is not found', async () => {
      const renew = ({ uploadId }: Upload) =>
        uploads.renew(KEY, uploadId, { sizeBytes: 5, lifeSeconds: LIFE_SECONDS });
      const [aborted, completed, open] = [await begin(5), await begin(5), await begin(5)];
      const parts = await sendAll(completed, bytesOf('hello'));
      await sendAll(aborted, bytesOf('hello'));
      await uploads.abort(KEY, aborted.uploadId);
      await uploads.complete(KEY, completed.uploadId, parts);
      await expect(renew(aborted)).rejects.toBeInstanceOf(NotFoundError);
      await expect(renew(completed)).rejects.toBeInstanceOf(NotFoundError);
      expect(await renew(open)).toMatchObject({ uploadId: open.uploadId });
    });

    test('takes no part and completes nothing after an abort; aborting again is no error', async () => {
      const upload = await begin(5);
      const parts = await sendAll(upload, bytesOf('hello'));
      await uploads.abort(KEY, upload.uploadId);
      await uploads.abort(KEY, upload.uploadId);
      await expect(uploads.complete(KEY, upload.uploadId, parts)).rejects.toBeInstanceOf(NotFoundError);
      const response = await opened.fetch(urlOf(upload, 1), { method: 'PUT', body: 'hello' });
      expect(response.status).toBe(404);
      expect(await bucket.head(KEY)).toBeUndefined();
    });

    test.each([0, -1, 1.5, Number.NaN, 5 * 2 ** 40 + 1])(
      'refuses to begin an upload of %p bytes',
      async (sizeBytes) => {
        await expect(begin(sizeBytes)).rejects.toBeInstanceOf(RefusedError);
      },
    );

    test('refuses a key with a way out', async () => {
      await expect(begin(1, 'a/../b')).rejects.toBeInstanceOf(RefusedError);
    });

    test('cuts the largest upload into no more than 10,000 parts', async () => {
      const upload = await begin(5 * 2 ** 40);
      expect(upload.parts.length).toBeLessThanOrEqual(10_000);
      expect(upload.parts.length * upload.partSizeBytes).toBeGreaterThanOrEqual(5 * 2 ** 40);
    });
  });
}

function urlOf(upload: Upload, number: number): string {
  const part = upload.parts.find((one) => one.number === number);
  if (part === undefined) throw new Error(`the upload has no part ${number}`);
  return part.url;
}

/** PUTs part `number` (from 1) of `bytes` and answers its ETag header. */
async function sendPart(
  { fetch }: OpenUploads,
  upload: Upload,
  bytes: Uint8Array,
  number: number,
): Promise<string> {
  const from = (number - 1) * upload.partSizeBytes;
  const body = bytes.subarray(from, from + upload.partSizeBytes);
  const response = await fetch(urlOf(upload, number), {
    method: 'PUT',
    body: new Blob([new Uint8Array(body)]),
  });
  expect([response.status, await response.text()]).toEqual([200, '']);
  return response.headers.get('etag') ?? '';
}

async function sendParts(opened: OpenUploads, upload: Upload, bytes: Uint8Array) {
  const sent: { number: number; etag: string }[] = [];
  for (const { number } of upload.parts)
    sent.push({ number, etag: await sendPart(opened, upload, bytes, number) });
  return sent;
}
