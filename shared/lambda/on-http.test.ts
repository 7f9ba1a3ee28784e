import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { defineRoute, Paging } from '#shared/contracts/api/route.ts';
import { WrongStateError } from '#shared/errors/errors.ts';
import { captured, httpEvent } from './fixtures/aws-events.ts';
import { type HttpEvent, onHttp } from './on-http.ts';
import { WrapperHome } from './testing/wrapper-home.ts';

let home: WrapperHome;
beforeEach(() => {
  home = new WrapperHome();
});

describe('a function behind a route', () => {
  const route = defineRoute({
    method: 'POST',
    path: '/things/{name}',
    summary: 'Make a thing',
    role: 'operator',
    params: z.strictObject({ name: z.string().max(5) }),
    query: z.strictObject(Paging),
    body: z.strictObject({ size: z.number(), note: z.unknown().optional() }),
    answer: z.object({ size: z.number(), limit: z.number() }),
    status: 201,
  });
  const handler = onHttp(route, {}, async ({ body, query }) => {
    if (body.size === 1) throw new WrongStateError('size', 'is taken');
    if (body.size === 2) throw new Error('secret inside');
    return { size: body.size, limit: query.limit };
  });
  const request = (overrides: Partial<HttpEvent> = {}) =>
    httpEvent({ pathParameters: { name: 'a' }, body: '{"size":5}', ...overrides });
  const as = (claims: object | undefined): Partial<HttpEvent> => ({
    requestContext: {
      ...captured('http-api-v2').requestContext,
      authorizer: claims === undefined ? {} : { jwt: { claims } },
    },
  });
  const answerTo = async (overrides: Partial<HttpEvent> = {}) => {
    const { statusCode, body } = await home.run(handler, request(overrides));
    return { status: statusCode, body: JSON.parse(body) };
  };

  test('answers what the steps return, with the status of the route', async () => {
    expect(await answerTo()).toEqual({ status: 201, body: { size: 5, limit: 50 } });
  });

  test('reads a body in base64, in any characters', async () => {
    const body = Buffer.from('{"size":6,"note":"žalia"}').toString('base64');
    expect(await answerTo({ body, isBase64Encoded: true })).toMatchObject({ status: 201 });
  });

  test.each([
    ['a key it does not know', '{"size":5,"colour":"blue"}', 'colour'],
    ['a key that is the prototype', '{"size":5,"__proto__":{"role":"admin"}}', '__proto__'],
    ['a body that is no JSON', '{', 'body'],
    ['no body', '', 'body'],
    ['half a character', '{"size":5,"note":{"deep":["\\udc00"]}}', 'note.deep.0'],
    ['more than 256 KB', `{"size":5,"note":"${'x'.repeat(262_144)}"}`, 'body'],
  ])('refuses %s, by field', async (_what, body, field) => {
    expect(await answerTo({ body })).toMatchObject({ status: 400, body: { error: { field } } });
  });

  test('refuses a body in base64 that is no UTF-8', async () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]).toString('base64');
    expect(await answerTo({ body, isBase64Encoded: true })).toMatchObject({
      body: { error: { field: 'body', rule: 'must be JSON in UTF-8' } },
    });
  });

  test('takes a body that nests as deep as it is long', async () => {
    const body = `{"size":5,"note":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(await answerTo({ body })).toMatchObject({ status: 201 });
  });

  test('refuses what a state does not allow', async () => {
    expect(await answerTo({ body: '{"size":1}' })).toMatchObject({
      status: 409,
      body: { error: { field: 'size' } },
    });
  });

  test.each([
    ['beyond its bound', 'much-too-long'],
    ['with a broken percent escape', '%zz'],
    ['with an escape that is no UTF-8', '%ff'],
  ])('refuses a path parameter %s', async (_what, name) => {
    expect(await answerTo({ pathParameters: { name } })).toMatchObject({
      status: 400,
      body: { error: { field: 'name' } },
    });
  });

  test.each([
    ['given twice, as API Gateway joins it', { limit: '10,20' }, 'limit'],
    ['beyond its bound', { limit: '1000' }, 'limit'],
    ['that it does not know', { limit: '10', offset: '3' }, 'offset'],
  ])('refuses a query parameter %s', async (_what, queryStringParameters, field) => {
    expect(await answerTo({ queryStringParameters })).toMatchObject({
      status: 400,
      body: { error: { field } },
    });
  });

  test('turns away who may not, and who is nobody', async () => {
    expect(await answerTo(as({ tenant: 'acme', sub: 'ada', role: 'viewer' }))).toMatchObject({ status: 403 });
    expect(await answerTo(as({ tenant: 'acme', sub: 'ada', role: 'root' }))).toMatchObject({ status: 403 });
    expect(await answerTo(as(undefined))).toMatchObject({ status: 401 });
  });

  test('names all who may, to who may not', async () => {
    const { body } = await answerTo(as({ tenant: 'acme', sub: 'ada', role: 'viewer' }));
    expect(body.error.rule).toBe('must be operator, approver or admin, but is viewer');
    for (const role of ['operator', 'approver', 'admin'])
      expect(await answerTo(as({ tenant: 'acme', sub: 'ada', role }))).toMatchObject({ status: 201 });
  });

  test('believes nothing that the caller says of itself', async () => {
    const viewer = as({ tenant: 'acme', sub: 'ada', role: 'viewer' });
    const claims = { headers: { Role: 'admin', 'X-Tenant': 'acme' }, cookies: ['role=admin'] };
    expect(await answerTo({ ...viewer, ...claims })).toMatchObject({ status: 403 });
  });

  test('answers a body of any make-up with 201, 400 or 409 but never with a fault of ours', async () => {
    const bodies = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ size: fc.integer({ min: 3 }) }).map((one) => JSON.stringify(one)),
    );
    await fc.assert(
      fc.asyncProperty(bodies, fc.boolean(), async (text, isBase64Encoded) => {
        const body = isBase64Encoded ? Buffer.from(text).toString('base64') : text;
        expect([201, 400, 409]).toContain((await answerTo({ body, isBase64Encoded })).status);
      }),
    );
  });

  test('tells nothing of an internal fault, and logs it with the request', async () => {
    expect(await answerTo({ body: '{"size":2}' })).toEqual({
      status: 500,
      body: { error: { code: 'internal', message: 'an internal fault; it has been logged' } },
    });
    expect(home.lines).toMatchObject([
      { level: 'ERROR', correlation_id: 'JKJaXmPLvHcESHA=', error: { message: 'secret inside' } },
    ]);
  });
});
