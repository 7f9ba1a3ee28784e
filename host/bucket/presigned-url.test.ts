import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type ServedBuckets, serveBuckets } from '#host/testing/serve-buckets.ts';
import { ConfigurationError, ForbiddenError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { UrlSigner } from './presigned-url.ts';

describe('a presigned URL', () => {
  let served: ServedBuckets;
  let downloadUrl: string;
  let partUrl: string;
  beforeEach(async () => {
    served = await serveBuckets();
    const { bucket, downloads, uploads } = served.buckets.of('firmware');
    await bucket.put('a/fw.bin', new Uint8Array(5));
    await bucket.put('a/other', new Uint8Array(5));
    downloadUrl = await downloads.url('a/fw.bin', { lifeSeconds: 60 });
    const upload = await uploads.begin('new', { sizeBytes: 9 * 2 ** 20, lifeSeconds: 60 });
    partUrl = upload.parts[1]?.url ?? '';
  });
  afterEach(() => served.close());

  async function refusal(url: string, method = 'GET') {
    const response = await fetch(url, { method, ...(method === 'PUT' ? { body: 'x' } : {}) });
    const { error } = JSON.parse(await response.text());
    return [response.status, error.code, error.field];
  }

  test('serves what it was signed for, to GET and to HEAD', async () => {
    expect((await fetch(downloadUrl)).status).toBe(200);
    const head = await fetch(downloadUrl, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', '']);
  });

  test('still serves when a client escapes more of the path than is needed', async () => {
    expect((await fetch(downloadUrl.replace('a/fw.bin', 'a%2F%66w%2Ebin'))).status).toBe(200);
  });

  test('is refused with another key, and the answer names the signature', async () => {
    expect(await refusal(downloadUrl.replace('fw.bin', 'other'))).toEqual([403, 'forbidden', 'signature']);
  });

  test('is refused with another expiry', async () => {
    const later = downloadUrl.replace(/expires=(\d+)/, (_, seconds) => `expires=${Number(seconds) + 1}`);
    expect(await refusal(later)).toEqual([403, 'forbidden', 'signature']);
  });

  test('is refused for another part', async () => {
    expect(await refusal(partUrl.replace('part=2', 'part=1'), 'PUT')).toEqual([
      403,
      'forbidden',
      'signature',
    ]);
  });

  test('is refused without, and with a malformed, signature', async () => {
    const bare = downloadUrl.replace(/&signature=.*/, '');
    expect(await refusal(bare)).toEqual([403, 'forbidden', 'signature']);
    expect(await refusal(`${bare}&signature=zz`)).toEqual([403, 'forbidden', 'signature']);
  });

  test.each(['PUT', 'POST', 'DELETE'])(
    'for GET is refused to %s, and the answer names the method',
    async (method) => {
      expect(await refusal(downloadUrl, method)).toEqual([403, 'forbidden', 'method']);
    },
  );

  test('for PUT is refused to GET', async () => {
    expect(await refusal(partUrl)).toEqual([403, 'forbidden', 'method']);
  });

  test('is refused once its time is over, and the answer says so', async () => {
    await served.world.advance(59_999);
    expect((await fetch(downloadUrl)).status).toBe(200);
    await served.world.advance(1);
    expect(await refusal(downloadUrl)).toEqual([403, 'forbidden', 'expires']);
    expect(await refusal(partUrl, 'PUT')).toEqual([403, 'forbidden', 'expires']);
  });

  test('that was made while the clock was far ahead is refused once it is put back, and by seconds it is not', async () => {
    const { world } = served;
    const signer = new UrlSigner(await readFile(join(served.directory, 'secrets', 'presign.key')), '', world);
    const inSeconds = (count: number) => Math.floor(world.now() / 1000) + count;
    const urlOf = (expiresAtSeconds: number) =>
      served.baseUrl + signer.sign({ method: 'GET', bucket: 'firmware', key: 'a/fw.bin', expiresAtSeconds });
    expect(await refusal(urlOf(inSeconds(900 + 3_600)))).toEqual([403, 'forbidden', 'expires']);
    expect((await fetch(urlOf(inSeconds(900 + 59)))).status).toBe(200);
  });

  test('outlives a restart, for the key is kept where only its owner reads it', async () => {
    const path = join(served.directory, 'secrets', 'presign.key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await served.close({ keep: true });
    served = await serveBuckets({ directory: served.directory });
    const { pathname, search } = new URL(downloadUrl);
    expect((await fetch(`${served.baseUrl}${pathname}${search}`)).status).toBe(200);
  });

  test('of another home is refused', async () => {
    const other = await serveBuckets();
    const { pathname, search } = new URL(downloadUrl);
    await writeFile(join(other.directory, 'secrets', 'presign.key'), new Uint8Array(32));
    await other.close({ keep: true });
    const reopened = await serveBuckets({ directory: other.directory });
    expect(await refusal(`${reopened.baseUrl}${pathname}${search}`)).toEqual([403, 'forbidden', 'signature']);
    await reopened.close();
  });
});

test('a home does not start with a broken signing key, and leaves it as it is', async () => {
  const served = await serveBuckets();
  const path = join(served.directory, 'secrets', 'presign.key');
  await served.close({ keep: true });
  await writeFile(path, 'short');
  await expect(serveBuckets({ directory: served.directory })).rejects.toBeInstanceOf(ConfigurationError);
  expect(await readFile(path, 'utf8')).toBe('short');
  await rm(served.directory, { recursive: true });
});

test('no URL with any one character changed is let through', () => {
  const world = new VirtualWorld();
  const signer = new UrlSigner(new Uint8Array(32).fill(7), '', world);
  const part = { uploadId: 'ab'.repeat(16), number: 12 };
  const request = {
    method: 'PUT',
    bucket: 'firmware',
    key: "a/b'(c).bin",
    expiresAtSeconds: Math.floor(world.now() / 1000) + 60,
    part,
  } as const;
  const url = signer.sign(request);
  expect(signer.check('PUT', url)).toEqual(request);
  const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.nat({ max: url.length - 1 }), printable, (at, character) => {
      const changed = url.slice(0, at) + character + url.slice(at + 1);
      if (changed === url) return;
      expect(() => signer.check('PUT', changed)).toThrow(ForbiddenError);
    }),
    { numRuns: 2000 },
  );
});
