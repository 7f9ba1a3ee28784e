import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import { CreateProduct, GetProduct, GetRelease, ListReleases } from '#shared/contracts/api/firmware.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { portOf } from '#shared/program/port-of.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { ApiClient } from './api-client.ts';
import { ApiError, UnreachableError, UntrustedServerError } from './errors.ts';
import { type Fault, type FaultyProxy, startFaultyProxy } from './testing/faulty-proxy.ts';

let host: ServedHost;
let proxy: FaultyProxy;
let client: ApiClient;
let token: string;
let caPem: string;

beforeAll(async () => {
  host = await startServedHost({ services: ['firmware-storage'] });
  proxy = await startFaultyProxy(host);
  token = (await readFile(host.serving.file.adminToken, 'utf8')).trim();
  caPem = await readFile(host.serving.file.authority, 'utf8');
  client = new ApiClient({ url: proxy.url, token, caPem }, realWorld);
});
afterAll(async () => {
  client.close();
  await proxy.close();
  await host.stop();
});
afterEach(() => {
  proxy.fault = () => undefined;
  proxy.seen.length = 0;
});

/** The first requests suffer these faults, one each; the rest passes. */
function suffer(...faults: readonly Fault[]): void {
  const left = [...faults];
  proxy.fault = () => left.shift();
}
const create = (product: string) =>
  client.call(CreateProduct, { body: { product, hardware: ['cam-rev-b'] } });
const lost = { kind: 'lose-answer' } as const;
const failing = (code: string, status: number): Fault => ({
  kind: 'answer',
  status,
  body: JSON.stringify({ error: { code, message: 'try again' } }),
});

describe('a call by its contract', () => {
  test('answers what the API says, read by the schema of the route', async () => {
    expect(await create('cam')).toMatchObject({ product: 'cam', hardware: ['cam-rev-b'], lastSequence: 0 });
    expect(await client.call(GetProduct, { params: { product: 'cam' } })).toMatchObject({ product: 'cam' });
  });

  test('of what the contract refuses nothing is sent', async () => {
    await expect(create('Not a name')).rejects.toThrow(RefusedError);
    await expect(create('Not a name')).rejects.toMatchObject({ field: 'product' });
    expect(proxy.seen).toEqual([]);
  });

  test('parts of the path are percent-encoded and parts of the query too', async () => {
    const params = { product: 'cam', version: '1.0.0+a/b?c' };
    await expect(client.call(GetRelease, { params })).rejects.toMatchObject({ status: 404 });
    expect(proxy.seen[0]?.path).toBe('/releases/cam/1.0.0%2Ba%2Fb%3Fc');
    const query = { limit: 7, cursor: 'a&b=c' };
    await expect(client.call(ListReleases, { params: { product: 'cam' }, query })).rejects.toThrow(ApiError);
    expect(proxy.seen[1]?.path).toBe('/products/cam/releases?limit=7&cursor=a%26b%3Dc');
  });

  test('a refusal comes back with code, field and rule', async () => {
    await create('twice');
    const error = await create('twice').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, code: 'wrong-state', field: 'product' });
  });

  test.each([
    ['not JSON', '<html>'],
    ['JSON of another shape', '{"product":"cam"}'],
  ])('an answer that is %s is an error and never taken for a success', async (_, body) => {
    suffer({ kind: 'answer', status: 200, body });
    const asked = client.call(GetProduct, { params: { product: 'cam' } });
    await expect(asked).rejects.toMatchObject({ code: 'unexpected-answer' });
  });
});

describe('a connection that fails', () => {
  test('a read is tried again until it is answered', async () => {
    suffer(lost, { kind: 'lose-request' }, lost);
    expect(await client.call(GetProduct, { params: { product: 'cam' } })).toMatchObject({ product: 'cam' });
    expect(proxy.seen).toHaveLength(4);
  });

  test('a write whose answer was lost is not sent again, and the error says that it may have happened', async () => {
    suffer(lost);
    const error = await create('unsure').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ mayHaveHappened: true });
    expect(proxy.seen).toHaveLength(1);
    expect(await client.call(GetProduct, { params: { product: 'unsure' } })).toMatchObject({
      product: 'unsure',
    });
  });

  test('a write that is known to be idempotent is sent again', async () => {
    suffer(lost);
    const body = { product: 'again', hardware: ['cam-rev-b'] };
    const asked = client.call(CreateProduct, { body }, { idempotent: true });
    // The first one made it, so that the repeat is refused: it was sent.
    await expect(asked).rejects.toMatchObject({ code: 'wrong-state' });
  });

  test.each([
    ['starting', 503],
    ['throttled', 429],
    ['conflict', 409],
  ])('a write that the API left alone (%s) is sent again', async (code, status) => {
    suffer(failing(code, status));
    expect(await create(`later-${code}`)).toMatchObject({ product: `later-${code}` });
  });

  test('a write that the gateway of AWS turned away is sent again: it has no words of ours for that', async () => {
    suffer({ kind: 'answer', status: 429, body: '{"message":"Too Many Requests"}' });
    expect(await create('later-gateway')).toMatchObject({ product: 'later-gateway' });
  });

  test('an internal fault is not tried again', async () => {
    suffer(failing('internal', 500));
    await expect(client.call(GetProduct, { params: { product: 'cam' } })).rejects.toMatchObject({
      status: 500,
    });
    expect(proxy.seen).toHaveLength(1);
  });

  test('where nobody listens it gives up soon, and says that nothing was sent', async () => {
    const socket = createServer();
    await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
    const port = portOf(socket);
    await new Promise((resolve) => socket.close(resolve));
    const nobody = new ApiClient({ url: `https://localhost:${port}`, token, caPem }, realWorld);
    const asked = nobody.call(CreateProduct, { body: { product: 'cam', hardware: ['cam-rev-b'] } });
    await expect(asked).rejects.toMatchObject({ code: 'unreachable', mayHaveHappened: false });
  });
});

describe('a backend that is being started again', () => {
  const seenWaits: string[] = [];
  const patience = (forMs: number) => ({
    forMs,
    onWait: ({ code }: { code: string }) => seenWaits.push(code),
  });
  const patient = (url: string, forMs = 60_000) =>
    new ApiClient({ url, token, caPem }, realWorld, { patience: patience(forMs) });
  const get = (asking: ApiClient) => asking.call(GetProduct, { params: { product: 'cam' } });
  afterEach(() => {
    seenWaits.length = 0;
  });

  test('is waited for, which is told once of each wait', async () => {
    const asking = patient(proxy.url);
    for (const fault of [failing('starting', 503), { kind: 'lose-request' } as const]) {
      suffer(...Array.from({ length: 5 }, () => fault));
      expect(await get(asking)).toMatchObject({ product: 'cam' });
    }
    expect(seenWaits).toEqual(['starting', 'unreachable']);
    asking.close();
  });

  test('is not waited for longer than that', async () => {
    proxy.fault = () => failing('starting', 503);
    await expect(get(patient(proxy.url, 1))).rejects.toMatchObject({ code: 'starting' });
    expect(proxy.seen.length).toBeLessThan(6);
  });

  test('is one that has answered before: a wrong address is told at once', async () => {
    proxy.fault = () => ({ kind: 'lose-request' });
    await expect(get(patient(proxy.url))).rejects.toMatchObject({ code: 'unreachable' });
    expect([seenWaits, proxy.seen.length]).toEqual([[], 4]);
  });

  test('is not asked again by a write that may have happened', async () => {
    const asking = patient(proxy.url);
    await get(asking);
    suffer(lost);
    const body = { product: 'perhaps', hardware: ['cam-rev-b'] };
    await expect(asking.call(CreateProduct, { body })).rejects.toMatchObject({ mayHaveHappened: true });
    expect(seenWaits).toEqual([]);
    asking.close();
  });
});

describe('who the server is', () => {
  test('a server that the authority did not sign for gets no token', async () => {
    const other = new ApiClient({ url: proxy.url, token }, realWorld);
    await expect(other.call(GetProduct, { params: { product: 'cam' } })).rejects.toThrow(
      UntrustedServerError,
    );
    expect(proxy.seen).toEqual([]);
  });

  test('a device with a certificate of the same authority cannot pass for the server', async () => {
    const { certificatePem, privateKeyPem = '' } = await host.issue('acme:cam-1');
    const impostor = await startFaultyProxy(host, { cert: certificatePem, key: privateKeyPem });
    const misled = new ApiClient({ url: impostor.url, token, caPem }, realWorld);
    const error = await misled
      .call(GetProduct, { params: { product: 'cam' } })
      .catch((thrown: unknown) => thrown);
    await impostor.close();
    expect(error).toBeInstanceOf(UntrustedServerError);
    expect(impostor.seen).toEqual([]);
  });

  test.each(['http://localhost:1', 'localhost:8443', 'file:///etc/passwd', ''])('%j is no address', (url) => {
    expect(() => new ApiClient({ url, token }, realWorld)).toThrow('url: must begin with https://');
  });

  test('a token that the API does not know is refused as such', async () => {
    const stranger = new ApiClient({ url: proxy.url, token: 'ek_unknown', caPem }, realWorld);
    const asked = stranger.call(GetProduct, { params: { product: 'cam' } });
    await expect(asked).rejects.toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  test('so is one that the gateway of AWS does not take, because it is over', async () => {
    suffer({ kind: 'answer', status: 401, body: '{"message":"Unauthorized"}' });
    const asked = client.call(GetProduct, { params: { product: 'cam' } });
    await expect(asked).rejects.toMatchObject({ status: 401, code: 'unauthenticated' });
  });
});
