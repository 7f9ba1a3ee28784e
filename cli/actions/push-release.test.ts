import { truncateSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { ApiClient } from '../api-client.ts';
import { FailedError } from '../errors.ts';
import { type FaultyProxy, startFaultyProxy } from '../testing/faulty-proxy.ts';
import { type PushOptions, type PushProgress, pushRelease } from './push-release.ts';
import { createProduct, showProduct, showRelease } from './releases.ts';
import { addSigningKey, newSigningKey } from './signing-keys.ts';

const PART_BYTES = 8 * 1024 * 1024;
/** Three parts, the last one short. */
const SIZE_BYTES = 2 * PART_BYTES + 12_345;

let host: ServedHost;
let proxy: FaultyProxy;
let client: ApiClient;
let directory: string;
let file: string;
const key = newSigningKey();

beforeAll(async () => {
  host = await startServedHost({ services: ['firmware-storage'] });
  proxy = await startFaultyProxy(host);
  const token = (await readFile(host.serving.file.adminToken, 'utf8')).trim();
  const caPem = await readFile(host.serving.file.authority, 'utf8');
  client = new ApiClient({ url: proxy.url, token, caPem }, realWorld);
  directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-push-'));
  file = path.join(directory, 'cam.bin');
  await writeFile(file, Buffer.alloc(SIZE_BYTES, 'firmware '));
  await createProduct(client, { product: 'cam', hardware: ['rev-b', 'rev-c'] });
  await addSigningKey(client, { product: 'cam', name: 'main', publicKeyPem: key.publicKeyPem });
});
afterAll(async () => {
  client.close();
  await proxy.close();
  await host.stop();
  await rm(directory, { recursive: true });
});
afterEach(() => {
  proxy.fault = () => undefined;
  proxy.seen.length = 0;
});

const push = (
  version: string,
  overrides: Partial<PushOptions> = {},
  onProgress?: (p: PushProgress) => void,
) =>
  pushRelease(
    client,
    {
      product: 'cam',
      version,
      sequence: 'auto',
      artifacts: [{ hardware: 'rev-b', file }],
      privateKeyPem: key.privateKeyPem,
      ...overrides,
    },
    onProgress,
  );

describe('pushing a release', () => {
  test('ends with a verified release whose sequence is one above the last', async () => {
    const before = await showProduct(client, 'cam');
    const release = await push('1.0.0', { fromMin: '0.9.0' });
    expect(release).toMatchObject({
      release: 'cam/1.0.0',
      state: 'verified',
      sequence: before.lastSequence + 1,
      artifacts: [{ hardware: 'rev-b', sizeBytes: SIZE_BYTES, state: 'verified' }],
    });
    expect(proxy.count('PUT', /^\/bucket\//)).toBe(3);
  });

  test('tells every byte once, whatever had to be sent again', async () => {
    let hasFailed = false;
    proxy.fault = ({ method }) => {
      if (method !== 'PUT' || hasFailed) return undefined;
      hasFailed = true;
      return { kind: 'lose-answer' };
    };
    const told: PushProgress[] = [];
    await push('1.1.0', {}, (progress) => told.push(progress));
    expect(hasFailed).toBe(true);
    for (const step of ['hashing', 'uploading', 'verifying'] as const) {
      const last = told.filter((one) => one.step === step).at(-1);
      expect(last).toEqual({ step, bytes: SIZE_BYTES, totalBytes: SIZE_BYTES });
    }
    expect(told.every(({ bytes, totalBytes }) => bytes >= 0 && bytes <= totalBytes)).toBe(true);
  });

  test.each([
    ['is lost on the way', { kind: 'lose-request' }],
    ['is stored but not answered', { kind: 'lose-answer' }],
    ['meets a failing bucket', { kind: 'answer', status: 503, body: 'slow down' }],
  ] as const)('a part that %s is sent again', async (what, fault) => {
    let failures = 2;
    proxy.fault = ({ method }) => (method === 'PUT' && failures-- > 0 ? fault : undefined);
    const version = `1.2.0-${what.replaceAll(' ', '-')}`;
    expect(await push(version)).toMatchObject({ state: 'verified' });
    expect(proxy.count('PUT', /^\/bucket\//)).toBe(5);
  });

  test('a part that the bucket refuses ends the push with its reason', async () => {
    const body = '{"error":{"code":"forbidden","message":"url: has expired"}}';
    proxy.fault = ({ method }) => (method === 'PUT' ? { kind: 'answer', status: 403, body } : undefined);
    await expect(push('1.3.0')).rejects.toMatchObject({ status: 403, message: 'url: has expired' });
    expect(await showRelease(client, { product: 'cam', version: '1.3.0' })).toMatchObject({ state: 'draft' });
  });

  test('parts whose addresses have expired go to new ones of the same upload', async () => {
    const body = '{"error":{"code":"forbidden","message":"url: has expired"}}';
    const begun = () => proxy.count('POST', /\/uploads\/rev-b$/);
    proxy.fault = ({ method }) =>
      method === 'PUT' && begun() < 2 ? { kind: 'answer', status: 403, body } : undefined;
    expect(await push('1.3.1')).toMatchObject({ state: 'verified' });
    // One to begin, one for all that were refused.
    expect(begun()).toBe(2);
  });

  test('goes on where an interrupted push of the same file stopped, with the sequence it had', async () => {
    proxy.fault = ({ method }) =>
      method === 'PUT' ? { kind: 'answer', status: 403, body: '{}' } : undefined;
    await expect(push('1.4.0')).rejects.toMatchObject({ status: 403 });
    const { sequence } = await showRelease(client, { product: 'cam', version: '1.4.0' });
    proxy.fault = () => undefined;
    proxy.seen.length = 0;
    expect(await push('1.4.0')).toMatchObject({ state: 'verified', sequence });
    expect(proxy.count('POST', /^\/releases$/)).toBe(0);
  });

  test('sends only the parts that an interrupted push of the same file did not get across', async () => {
    let arrived = 0;
    proxy.fault = ({ method }) => {
      if (method !== 'PUT') return undefined;
      arrived += 1;
      return arrived <= 2 ? undefined : { kind: 'answer', status: 403, body: '{}' };
    };
    await expect(push('1.4.1', { parallel: 1 })).rejects.toMatchObject({ status: 403 });
    proxy.fault = () => undefined;
    proxy.seen.length = 0;
    const told: PushProgress[] = [];
    expect(await push('1.4.1', {}, (progress) => told.push(progress))).toMatchObject({ state: 'verified' });
    expect(proxy.count('PUT', /^\/bucket\//)).toBe(1);
    const last = told.filter(({ step }) => step === 'uploading').at(-1);
    expect(last?.bytes).toBe(SIZE_BYTES);
  });

  test('sends a part again whose bytes were changed on the way of an interrupted push', async () => {
    let sent = 0;
    proxy.fault = ({ method }) => {
      if (method !== 'PUT') return undefined;
      sent += 1;
      return sent === 1
        ? { kind: 'change-body', change: (body) => Buffer.from(body).fill(0, 0, 1) }
        : { kind: 'answer', status: 403, body: '{}' };
    };
    await expect(push('1.4.2', { parallel: 1 })).rejects.toMatchObject({ status: 403 });
    proxy.fault = () => undefined;
    proxy.seen.length = 0;
    expect(await push('1.4.2')).toMatchObject({ state: 'verified' });
    expect(proxy.count('PUT', /^\/bucket\//)).toBe(3);
  });

  test('the same push again, once it is verified, uploads nothing and answers the same', async () => {
    const first = await push('1.5.0');
    proxy.seen.length = 0;
    expect(await push('1.5.0')).toEqual(first);
    expect(proxy.count('PUT', /./)).toBe(0);
  });

  test('another file under a version that is taken is refused', async () => {
    await push('1.6.0');
    const other = path.join(directory, 'other.bin');
    await writeFile(other, 'another build');
    const again = push('1.6.0', { artifacts: [{ hardware: 'rev-b', file: other }] });
    await expect(again).rejects.toMatchObject({ code: 'wrong-state', field: 'version' });
  });

  test('bytes that changed on the way are rejected, with the reason', async () => {
    proxy.fault = ({ method }) =>
      method === 'PUT'
        ? { kind: 'change-body', change: (body) => Buffer.from(body).fill(0, 0, 1) }
        : undefined;
    const error = await push('1.7.0').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FailedError);
    expect(String(error)).toMatch(/cam\/1\.7\.0 was rejected: .*sha256/);
  });

  test('several hardware ids have a file each in one release', async () => {
    const small = path.join(directory, 'c.bin');
    await writeFile(small, 'for rev c');
    const artifacts = [
      { hardware: 'rev-b', file },
      { hardware: 'rev-c', file: small },
    ];
    const release = await push('1.8.0', { artifacts, sequence: 1000 });
    expect(release).toMatchObject({ state: 'verified', sequence: 1000 });
    expect(release.artifacts.map(({ hardware, state }) => [hardware, state])).toEqual([
      ['rev-b', 'verified'],
      ['rev-c', 'verified'],
    ]);
  });

  test('a file that became shorter after it was hashed is not uploaded as if it were whole', async () => {
    const shrinking = path.join(directory, 'shrinking.bin');
    await writeFile(shrinking, Buffer.alloc(PART_BYTES + 10, 1));
    const pushing = push(
      '1.9.0',
      { artifacts: [{ hardware: 'rev-b', file: shrinking }] },
      ({ step, bytes }) => {
        if (step === 'uploading' && bytes === 0) truncateSync(shrinking, 10);
      },
    );
    await expect(pushing).rejects.toThrow(/became shorter/);
  });

  test.each([
    ['is not there', 'missing.bin', undefined],
    ['is empty', 'empty.bin', ''],
  ])('a file that %s is refused before anything is asked of the backend', async (_, name, content) => {
    const named = path.join(directory, name);
    if (content !== undefined) await writeFile(named, content);
    const pushing = push('2.0.0', { artifacts: [{ hardware: 'rev-b', file: named }] });
    await expect(pushing).rejects.toMatchObject({ code: 'usage' });
    expect(proxy.seen).toEqual([]);
  });

  test('a key that the product does not know is refused', async () => {
    const pushing = push('2.0.0', { privateKeyPem: newSigningKey().privateKeyPem });
    await expect(pushing).rejects.toMatchObject({ code: 'refused', field: 'signature.keyId' });
  });

  test('a verdict that does not come in time is told as such', async () => {
    const change = (body: string) => body.replace('"state":"verified"', '"state":"draft"');
    proxy.fault = ({ method }) => (method === 'GET' ? { kind: 'change-answer', change } : undefined);
    await expect(push('2.1.0', { verdictTimeoutMs: 300 })).rejects.toThrow(/was not verified in 0.3 s/);
  });
});
