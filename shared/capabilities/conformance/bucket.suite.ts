import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Bucket } from '../bucket.ts';
import { bytesOf, readAll } from './object-bytes.ts';

/** A new, empty bucket for one test. */
export interface OpenBucket {
  readonly bucket: Bucket;
  close(): Promise<void>;
}

/** What every implementation of `Bucket` must do; `open` is called before each test. */
export function describeBucket(name: string, open: () => Promise<OpenBucket>): void {
  describeObjects(name, open);
  describeObjectVersions(name, open);
}

/** Objects by key, whichever version they are. */
export function describeObjects(name: string, open: () => Promise<OpenBucket>): void {
  describe(`${name} as a bucket`, () => {
    let opened: OpenBucket;
    let bucket: Bucket;
    beforeEach(async () => {
      opened = await open();
      bucket = opened.bucket;
    });
    afterEach(() => opened.close());

    test('gives back the bytes that were put, with a head that describes them', async () => {
      const put = await bucket.put('a/b.bin', bytesOf('hello'));
      expect(put).toMatchObject({ key: 'a/b.bin', sizeBytes: 5 });
      expect(await bucket.head('a/b.bin')).toEqual(put);
      expect(await readAll(bucket.read('a/b.bin'))).toEqual(bytesOf('hello'));
    });

    test('keeps an object of no bytes', async () => {
      await bucket.put('empty', bytesOf(''));
      expect(await bucket.head('empty')).toMatchObject({ sizeBytes: 0 });
      expect(await readAll(bucket.read('empty'))).toEqual(bytesOf(''));
    });

    test('has no head and no bytes for a key that was never put', async () => {
      expect(await bucket.head('nothing')).toBeUndefined();
      expect(await bucket.read('nothing')).toBeUndefined();
    });

    test('has nothing under a key after it is removed, and removing it again is no error', async () => {
      await bucket.put('k', bytesOf('x'));
      await bucket.remove('k');
      await bucket.remove('k');
      expect(await bucket.head('k')).toBeUndefined();
      expect(await bucket.read('k')).toBeUndefined();
      expect((await bucket.list('', { limit: 10 })).objects).toEqual([]);
    });

    test('lists what begins with a prefix in the order of keys, page by page', async () => {
      const keys = ['log/a', 'log/a!', 'log/a/b', 'log/a0', 'log/b', 'lof', 'loh', 'log'];
      for (const key of keys) await bucket.put(key, bytesOf(key));
      const listed: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await bucket.list('log/', { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.objects.length).toBeLessThanOrEqual(2);
        listed.push(...page.objects.map((object) => object.key));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(listed).toEqual(['log/a', 'log/a!', 'log/a/b', 'log/a0', 'log/b']);
    });

    test('lists sizes and ETags of what is latest', async () => {
      await bucket.put('k', bytesOf('1'));
      const { key, sizeBytes, etag } = await bucket.put('k', bytesOf('333'));
      const { objects, cursor } = await bucket.list('', { limit: 10 });
      expect(objects).toEqual([expect.objectContaining({ key, sizeBytes, etag })]);
      expect(cursor).toBeUndefined();
    });

    test('takes every character of the key alphabet, and a key that begins with another', async () => {
      const keys = ["A-z0/9!_.*'()=", 'a', 'a/b', `${'d'.repeat(255)}/${'e'.repeat(256)}`];
      for (const key of keys) {
        await bucket.put(key, bytesOf(key));
        expect(await readAll(bucket.read(key))).toEqual(bytesOf(key));
      }
    });

    test.each(['', '/a', 'a/', 'a//b', '.', '..', 'a/../b', './a', 'a b', 'a\\b', 'ä', 'a\u0000'])(
      'refuses %j as a key',
      async (key) => {
        await expect(bucket.put(key, bytesOf('x'))).rejects.toBeInstanceOf(RefusedError);
        await expect(bucket.read(key)).rejects.toBeInstanceOf(RefusedError);
      },
    );

    test('refuses a key of more than 512 characters', async () => {
      await expect(bucket.put('x'.repeat(513), bytesOf('x'))).rejects.toBeInstanceOf(RefusedError);
      expect(await bucket.put('x'.repeat(512), bytesOf('x'))).toMatchObject({ sizeBytes: 1 });
    });
  });
}

/** Versions: what verification stands on, which reads and copies the very bytes that it was told of. */
function describeObjectVersions(name: string, open: () => Promise<OpenBucket>): void {
  describe(`${name} as a bucket that keeps versions`, () => {
    let opened: OpenBucket;
    let bucket: Bucket;
    beforeEach(async () => {
      opened = await open();
      bucket = opened.bucket;
    });
    afterEach(() => opened.close());

    test('gives another version to other bytes under the same key, and reads either by its version', async () => {
      const first = await bucket.put('k', bytesOf('first'));
      const second = await bucket.put('k', bytesOf('second'));
      expect(second.version).not.toBe(first.version);
      expect(await readAll(bucket.read('k'))).toEqual(bytesOf('second'));
      expect(await readAll(bucket.read('k', { version: first.version }))).toEqual(bytesOf('first'));
      expect(await bucket.head('k')).toEqual(second);
    });

    test('has no bytes for a version of another key', async () => {
      const { version } = await bucket.put('mine', bytesOf('x'));
      await bucket.put('other', bytesOf('y'));
      expect(await bucket.read('other', { version })).toBeUndefined();
    });

    test('copies the version that is named, not the latest', async () => {
      const first = await bucket.put('from', bytesOf('first'));
      await bucket.put('from', bytesOf('second'));
      expect(await bucket.copy({ key: 'from', version: first.version }, 'to')).toBe(true);
      expect(await readAll(bucket.read('to'))).toEqual(bytesOf('first'));
      expect(await bucket.head('to')).toMatchObject({ key: 'to', sizeBytes: 5 });
    });

    test('keeps a copy when its source is replaced and removed', async () => {
      const { version } = await bucket.put('from', bytesOf('first'));
      await bucket.copy({ key: 'from', version }, 'to');
      await bucket.put('from', bytesOf('second'));
      await bucket.remove('from');
      expect(await readAll(bucket.read('to'))).toEqual(bytesOf('first'));
    });

    test('answers false when the version to copy does not exist, and makes nothing', async () => {
      const { version } = await bucket.put('there', bytesOf('x'));
      expect(await bucket.copy({ key: 'elsewhere', version }, 'to')).toBe(false);
      expect(await bucket.head('to')).toBeUndefined();
    });
  });
}
