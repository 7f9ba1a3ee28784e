import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Bucket, Downloads } from '../bucket.ts';
import { patternBytes } from './object-bytes.ts';

/** A new, empty bucket that serves downloads, for one test. */
export interface OpenDownloads {
  readonly bucket: Bucket;
  readonly downloads: Downloads;
  /** Fetches presigned URLs, trusting the server behind them. */
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

const KEY = 'sha256/0f1e';
const BYTES = patternBytes(1000);

/** What every implementation of `Downloads` must do; `open` is called before each test. */
export function describeDownloads(name: string, open: () => Promise<OpenDownloads>): void {
  describe(`${name} serving downloads`, () => {
    let opened: OpenDownloads;
    let url: string;
    beforeEach(async () => {
      opened = await open();
      await opened.bucket.put(KEY, BYTES);
      url = await opened.downloads.url(KEY, { lifeSeconds: 900 });
    });
    afterEach(() => opened.close());

    async function get(headers: Record<string, string> = {}) {
      const response = await opened.fetch(url, { headers });
      return {
        status: response.status,
        headers: response.headers,
        bytes: new Uint8Array(await response.arrayBuffer()),
      };
    }

    test('sends the whole object and says that ranges are served', async () => {
      const { status, headers, bytes } = await get();
      expect(status).toBe(200);
      expect(headers.get('content-length')).toBe('1000');
      expect(headers.get('accept-ranges')).toBe('bytes');
      expect(headers.get('etag')).toMatch(/^".+"$/);
      expect(bytes).toEqual(BYTES);
    });

    test.each([
      ['bytes=0-0', 0, 0],
      ['bytes=10-19', 10, 19],
      ['bytes=990-', 990, 999],
      ['bytes=-10', 990, 999],
      ['bytes=-5000', 0, 999],
      ['bytes=500-5000', 500, 999],
    ])('sends the span that %s asks for', async (range, first, last) => {
      const { status, headers, bytes } = await get({ range });
      expect(status).toBe(206);
      expect(headers.get('content-range')).toBe(`bytes ${first}-${last}/1000`);
      expect(bytes).toEqual(BYTES.slice(first, last + 1));
    });

    test.each(['bytes=1000-', 'bytes=5000-6000'])(
      'answers 416 to %s, which begins after the end',
      async (range) => {
        expect((await get({ range })).status).toBe(416);
      },
    );

    test('gives the same bytes put together from ranges as in one go', async () => {
      const { headers } = await get();
      const etag = headers.get('etag') ?? '';
      const one = await get({ range: 'bytes=0-332', 'if-range': etag });
      const rest = await get({ range: 'bytes=333-', 'if-range': etag });
      expect(new Uint8Array([...one.bytes, ...rest.bytes])).toEqual(BYTES);
    });

    test('sends the whole of the new object when the one that a range continues was replaced', async () => {
      const { headers } = await get();
      await opened.bucket.put(KEY, patternBytes(500, 2));
      const { status, bytes } = await get({ range: 'bytes=333-', 'if-range': headers.get('etag') ?? '' });
      expect(status).toBe(200);
      expect(bytes).toEqual(patternBytes(500, 2));
    });

    test('answers 404 for an object that is not there', async () => {
      const missing = await opened.downloads.url('missing', { lifeSeconds: 60 });
      expect((await opened.fetch(missing)).status).toBe(404);
    });

    test.each([0, 901, 1.5, -1, Number.NaN])('makes no URL that lives %p seconds', async (lifeSeconds) => {
      await expect(opened.downloads.url(KEY, { lifeSeconds })).rejects.toBeInstanceOf(RefusedError);
    });
  });
}
