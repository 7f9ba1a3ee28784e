import { describe, expect, it } from '@jest/globals';
import { RequestIds } from '../request-ids.ts';
import { triggerHome } from '../testing/trigger-home.ts';
import { type ApiRequest, HttpApi } from './http-api.ts';

function apiOf(serve: (event: never) => Promise<unknown>, committed = () => Promise.resolve()) {
  const { world, pool } = triggerHome();
  const faults: unknown[] = [];
  const api = new HttpApi({
    world,
    requestIds: new RequestIds(world),
    committed,
    onFault: (error) => faults.push(error),
  });
  api.add('GET', '/things/{id}/parts/{part}', pool(serve));
  api.add(
    'GET',
    '/things/mine/parts/{part}',
    pool(async () => ({ statusCode: 200, headers: {}, body: 'literal' })),
  );
  const get = (path: string, more: Partial<ApiRequest> = {}) =>
    api.handle({
      method: 'GET',
      path,
      rawQuery: '',
      headers: {},
      body: undefined,
      sourceIp: '::1',
      claims: { tenant: 'acme', sub: 'ada', role: 'viewer' },
      ...more,
    });
  return { api, get, faults };
}

const answering = (body: string) => async () => ({ statusCode: 200, headers: {}, body });

describe('the HTTP API', () => {
  it('answers only once everything that the answer may tell of is committed', async () => {
    const commit = Promise.withResolvers<void>();
    const { get } = apiOf(answering('seen'), () => commit.promise);
    let answered: string | undefined;
    const answer = get('/things/1/parts/2').then(({ body }) => {
      answered = body;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBeUndefined();
    commit.resolve();
    await answer;
    expect(answered).toBe('seen');
  });

  it('prefers a literal segment to a variable', async () => {
    const { get } = apiOf(answering('variable'));
    expect((await get('/things/mine/parts/2')).body).toBe('literal');
    expect((await get('/things/yours/parts/2')).body).toBe('variable');
    expect((await get('/things//parts/2')).statusCode).toBe(404);
  });

  it('makes the event of payload format 2.0: raw segments, decoded query, repeated names joined', async () => {
    const { get } = apiOf(async (event) => ({ statusCode: 200, headers: {}, body: JSON.stringify(event) }));
    const { body } = await get('/things/a%2Fb/parts/2', { rawQuery: 'q=a%20b&q=c&__proto__=x' });
    expect(JSON.parse(body)).toMatchObject({
      version: '2.0',
      routeKey: 'GET /things/{id}/parts/{part}',
      pathParameters: { id: 'a%2Fb', part: '2' },
      queryStringParameters: { q: 'a b,c' },
      requestContext: { authorizer: { jwt: { claims: { tenant: 'acme' } } }, http: { method: 'GET' } },
    });
  });

  it('lets nobody through to a function without claims', async () => {
    let calls = 0;
    const { get } = apiOf(async () => {
      calls += 1;
    });
    expect((await get('/things/1/parts/2', { claims: undefined })).statusCode).toBe(401);
    expect(calls).toBe(0);
  });

  it('answers 500 without a word of why for a function that throws or answers nothing', async () => {
    const throwing = apiOf(async () => {
      throw new Error('the secret reason');
    });
    const { statusCode, body } = await throwing.get('/things/1/parts/2');
    expect(statusCode).toBe(500);
    expect(body).not.toContain('secret');
    expect(throwing.faults).toHaveLength(1);
    expect((await apiOf(async () => undefined).get('/things/1/parts/2')).statusCode).toBe(500);
  });

  it('refuses routes that it could not serve', () => {
    const { api } = apiOf(answering(''));
    const { pool } = triggerHome();
    for (const [method, path] of [
      ['ANY', '/a'],
      ['GET', '/{proxy+}'],
      ['GET', '$default'],
      ['GET', '/things/{other}/parts/{name}'],
    ] as const) {
      expect(() => api.add(method, path, pool(answering('')))).toThrow(/route/);
    }
  });
});
