import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bytesOf } from '#shared/capabilities/conformance/object-bytes.ts';
import { PermitAnswer } from '#shared/contracts/device/permit.ts';
import { ConfigurationError, RefusedError } from '#shared/errors/errors.ts';
import { readManifest } from '#shared/firmware/read-manifest.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { CloudFrontDownloads, privateKeyIn } from './downloads.ts';
import { Secret } from './secret.ts';
import { whyDenied } from './testing/download-edge.ts';
import { parametersAt, startFauxqs } from './testing/oracle-process.ts';
import { makeBucket, overBucket, s3At } from './testing/s3-bucket.ts';
import { answer, json, passTo, Wire, type WireReply } from './testing/wire.ts';

const DOMAIN = 'd111111abcdef8.cloudfront.net';
const KEY_PAIR_ID = 'K2JCJMDEHXQW5F';
const PARAMETER = '/evenkeel/test/download-signing-key';
const KEY = `artifacts/${'0f1e'.repeat(16)}`;
const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const rsa2048 = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Downloads whose key comes over a stubbed wire. */
async function openDownloads(pair = p256) {
  const world = new VirtualWorld('downloads');
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const wire = await Wire.open(() => json(200, { Parameter: { Name: PARAMETER, Value: pem } }));
  const store = parametersAt(wire, world);
  const signingKey = new Secret(store, PARAMETER, privateKeyIn);
  return {
    world,
    wire,
    downloads: new CloudFrontDownloads({ domain: DOMAIN, keyPairId: KEY_PAIR_ID, signingKey, world }),
    denial: (url: URL) => whyDenied(url, { keyPairId: KEY_PAIR_ID, publicKey: pair.publicKey }, world.now()),
    async close() {
      store.close();
      await wire.close();
    },
  };
}

describe('download URLs of CloudFront (judged as its developer guide says; no edge can be had)', () => {
  let opened: Awaited<ReturnType<typeof openDownloads>>;
  beforeEach(async () => {
    opened = await openDownloads();
  });
  afterEach(() => opened.close());

  const urlOf = async (key = KEY, lifeSeconds = 900) =>
    new URL(await opened.downloads.url(key, { lifeSeconds }));

  test('are served until they end, and not a second longer', async () => {
    const url = await urlOf(KEY, 900);
    expect(`${url.origin}${url.pathname}`).toBe(`https://${DOMAIN}/${KEY}`);
    expect(opened.denial(url)).toBeUndefined();
    await opened.world.advance(899_999);
    expect(opened.denial(url)).toBeUndefined();
    await opened.world.advance(1);
    expect(opened.denial(url)).toBe('the URL has expired');
  });

  test('are for one object, one end and one key', async () => {
    const changed: readonly ((url: URL) => void)[] = [
      (url) => {
        url.pathname = '/artifacts/another';
      },
      (url) => {
        url.hostname = 'd222222abcdef8.cloudfront.net';
      },
      (url) => url.searchParams.set('Expires', '2000000000'),
      (url) => url.searchParams.set('version', '1'),
      (url) => url.searchParams.set('Key-Pair-Id', 'K1'),
      (url) => url.searchParams.set('Hash-Algorithm', 'SHA1'),
      (url) => url.searchParams.delete('Signature'),
    ];
    for (const change of changed) {
      const url = await urlOf();
      change(url);
      expect(opened.denial(url)).toMatch(/^the (signature does not match|key is not|URL is not signed)/);
    }
  });

  test('are signed with SHA-256', async () => {
    expect((await urlOf()).searchParams.get('Hash-Algorithm')).toBe('SHA256');
  });

  test('may be for every key that an object can have', async () => {
    for (const key of ["A-z0/9!_.*'()=", 'a/b=c/d', 'x'.repeat(512)]) {
      const url = await urlOf(key);
      expect([key, opened.denial(url)]).toEqual([key, undefined]);
      expect(decodeURIComponent(url.pathname.slice(1))).toBe(key);
    }
    await expect(urlOf('a/../b')).rejects.toThrow(RefusedError);
  });

  test.each([0, 901, 1.5, -1, Number.NaN])('are not made to live %p seconds', async (lifeSeconds) => {
    await expect(urlOf(KEY, lifeSeconds)).rejects.toThrow(RefusedError);
    expect(opened.wire.requests).toEqual([]);
  });

  test('are made without asking anybody once the key is read', async () => {
    await urlOf();
    await urlOf();
    expect(opened.wire.requests).toHaveLength(1);
  });

  test('may be signed with RSA as well', async () => {
    const other = await openDownloads(rsa2048);
    expect(other.denial(new URL(await other.downloads.url(KEY, { lifeSeconds: 60 })))).toBeUndefined();
    await other.close();
  });

  test('fit one answer of 5 KB to a device, beside the largest manifest and the longest names', async () => {
    const [digest, version] = ['f'.repeat(64), `1.0.0-${'x'.repeat(58)}`];
    const plain = '{"v":1,"product":"cam","version":"2.1.0","sequence":7,"artifacts":[]}'.replace(
      '[]',
      JSON.stringify([{ hardware: 'cam-rev-b', sha256: digest, sizeBytes: 1 }]),
    );
    const isTaken = (bytes: number) => {
      try {
        return readManifest(Buffer.from(plain.padEnd(bytes))).v === 1;
      } catch {
        return false;
      }
    };
    let mostBytes = 8_192;
    while (!isTaken(mostBytes)) mostBytes -= 1;
    const other = await openDownloads(rsa2048);
    const url = await other.downloads.url(`artifacts/${digest}`, { lifeSeconds: 900 });
    await other.close();
    const ulid = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
    const answer: PermitAnswer = {
      v: 1,
      nonce: 'n'.repeat(64),
      rollout: ulid,
      answer: 'granted',
      attempt: ulid,
      seconds: 86_400,
      offer: {
        release: `${'p'.repeat(32)}/${version}`,
        version,
        sequence: 2_147_483_647,
        manifest: Buffer.alloc(mostBytes, ' ').toString('base64'),
        signature: { keyId: digest, value: Buffer.alloc(64).toString('base64') },
        artifact: { sha256: digest, sizeBytes: 2_147_483_648, url },
        expiresAtMs: 1_780_000_900_000,
      },
    };
    expect(Buffer.byteLength(JSON.stringify(PermitAnswer.parse(answer)))).toBeLessThanOrEqual(5_120);
  });

  test('are not made with what is no private key, and nothing is said of it but where it is', async () => {
    const spki = String(p256.publicKey.export({ type: 'spki', format: 'pem' }));
    opened.wire.next(() => json(200, { Parameter: { Value: spki } }));
    const refused = urlOf();
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(`the parameter ${PARAMETER} does not hold what it should`);
    expect(opened.denial(await urlOf())).toBeUndefined();
  });
});

describe('a download over an edge that stands before S3 (ranges are the services` own affair)', () => {
  test('gives the bytes and a span of them for a signed URL, and nothing without', async () => {
    const oracle = await startFauxqs();
    const s3 = s3At(oracle);
    await makeBucket(s3, 'firmware');
    await overBucket(s3, 'firmware').bucket.put(KEY, bytesOf('hello'));
    const { downloads, denial, close } = await openDownloads();
    const passed = passTo(oracle.endpoint);
    const edge = await Wire.open((asked): WireReply | Promise<WireReply> => {
      const url = new URL(asked.path, `https://${DOMAIN}`);
      const why = denial(url);
      return why === undefined ? passed({ ...asked, path: `/firmware${url.pathname}` }) : answer(403, why);
    });
    const get = (url: string, init?: RequestInit) =>
      fetch(url.replace(`https://${DOMAIN}`, edge.endpoint), init);

    const url = await downloads.url(KEY, { lifeSeconds: 900 });
    expect(await (await get(url)).text()).toBe('hello');
    const span = await get(url, { headers: { range: 'bytes=1-3' } });
    expect([span.status, await span.text()]).toEqual([206, 'ell']);
    expect((await get(`https://${DOMAIN}/${KEY}`)).status).toBe(403);

    await edge.close();
    await close();
    s3.destroy();
    await oracle.stop();
  });
});
