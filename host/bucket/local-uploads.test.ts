import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ServedBuckets, serveBuckets } from '#host/testing/serve-buckets.ts';
import type { Upload, Uploads } from '#shared/capabilities/bucket.ts';

const SIZE_BYTES = 8 * 2 ** 20 + 1;

describe('a refusal to complete an upload', () => {
  let served: ServedBuckets;
  let uploads: Uploads;
  let upload: Upload;
  let last: { number: number; etag: string };
  beforeEach(async () => {
    served = await serveBuckets();
    uploads = served.buckets.of('firmware').uploads;
    upload = await uploads.begin('k', { sizeBytes: SIZE_BYTES, lifeSeconds: 60 });
    const response = await fetch(upload.parts[1]?.url ?? '', { method: 'PUT', body: 'x' });
    last = { number: 2, etag: response.headers.get('etag') ?? '' };
  });
  afterEach(() => served.close());

  test('names the part that has not arrived', async () => {
    await expect(
      uploads.complete('k', upload.uploadId, [{ number: 1, etag: 'ab' }, last]),
    ).rejects.toMatchObject({
      field: 'parts.0.number',
    });
  });

  test('names the part whose ETag differs', async () => {
    await fetch(upload.parts[0]?.url ?? '', {
      method: 'PUT',
      body: new Blob([new Uint8Array(SIZE_BYTES - 1)]),
    });
    await expect(
      uploads.complete('k', upload.uploadId, [{ number: 1, etag: 'ab' }, last]),
    ).rejects.toMatchObject({
      field: 'parts.0.etag',
    });
  });

  test.each([[[2, 1]], [[1]], [[1, 2, 3]], [[1, 1]], [[0, 1]]])(
    'names the list when it has parts %j',
    async (numbers) => {
      const parts = numbers.map((number) => ({ ...last, number }));
      await expect(uploads.complete('k', upload.uploadId, parts)).rejects.toMatchObject({ field: 'parts' });
    },
  );

  test('names the size when an upload is renewed with another', async () => {
    const options = { sizeBytes: SIZE_BYTES - 1, lifeSeconds: 60 };
    await expect(uploads.renew('k', upload.uploadId, options)).rejects.toMatchObject({ field: 'sizeBytes' });
  });

  test.each([0, 86_401, Number.NaN])(
    'names the life of an upload that would live %p seconds',
    async (lifeSeconds) => {
      await expect(uploads.begin('k', { sizeBytes: 1, lifeSeconds })).rejects.toMatchObject({
        field: 'lifeSeconds',
      });
    },
  );
});
