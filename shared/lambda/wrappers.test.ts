import { describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Home } from '#shared/capabilities/home.ts';
import { defineRoute } from '#shared/contracts/api/route.ts';
import { ConflictError, RefusedError, WrongStateError } from '#shared/errors/errors.ts';
import { marshallItem } from './attribute-value.ts';
import type { LambdaFunction } from './lambda-function.ts';
import { onChange } from './on-change.ts';
import { onDeviceBatch } from './on-device-batch.ts';
import { onDeviceMessage } from './on-device-message.ts';
import { onHttp } from './on-http.ts';
import { onQueue } from './on-queue.ts';
import { onUpload } from './on-upload.ts';

const sent: { topic: string; body: unknown }[] = [];
const link: DeviceLink = {
  publish: async (topic, payload) => {
    sent.push({ topic, body: JSON.parse(Buffer.from(payload).toString()) });
  },
  disconnect: async () => undefined,
};
const lines: Record<string, unknown>[] = [];
/** A home that gives nothing but the way down to devices. */
const home = {
  provide: async () => link,
  setting: () => 'test-service',
  writeLine: (line: string) => lines.push(JSON.parse(line)),
  count: () => undefined,
} as unknown as Home;
const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 1000 } as unknown as Context;

async function run<Event, Result>(handler: LambdaFunction<Event, Result>, event: Event): Promise<Result> {
  sent.length = 0;
  return (await handler.on(home))(event, context);
}

const Body = z.object({ v: z.literal(1), size: z.number().max(10) });
const ruleEvent = (body: unknown, thing = 'acme:cam-1', client = thing) => ({
  payload: (typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body))).toString(
    'base64',
  ),
  thing,
  client,
  certificate: 'a'.repeat(64),
  at: 1_780_000_000_000,
});
const record = (messageId: string, body: unknown) => ({
  messageId,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1780000000000' },
});

describe('a function behind an IoT rule', () => {
  const seen: unknown[] = [];
  const handler = onDeviceMessage('check', Body, {}, async ({ body, tenant, deviceId }) => {
    if (body.size === 7) throw new RefusedError('size', 'must not be 7');
    if (body.size === 8) throw new ConflictError('somebody else');
    seen.push({ body, tenant, deviceId });
  });

  test('gets the message read, and keys that it does not know left out', async () => {
    await run(handler, ruleEvent({ v: 1, size: 3, colour: 'blue' }));
    expect(seen).toEqual([{ body: { v: 1, size: 3 }, tenant: 'acme', deviceId: 'cam-1' }]);
    expect(sent).toEqual([]);
  });

  test.each([
    ['what is no JSON', 'x{', 'message', 'must be JSON in UTF-8'],
    ['a value beyond its bound', { v: 1, size: 11 }, 'size', 'expected number to be <=10'],
    ['what the steps refuse', { v: 1, size: 7 }, 'size', 'must not be 7'],
    ['more than 16 KB', { v: 1, size: 1, pad: 'x'.repeat(17_000) }, 'message', 'must be at most 16384 bytes'],
  ])(
    'tells the device that %s is refused, by field and rule, and is done',
    async (_what, body, field, rule) => {
      await run(handler, ruleEvent(body));
      expect(sent).toEqual([
        { topic: 'ek/acme:cam-1/refused', body: { v: 1, message: 'check', field, rule } },
      ]);
    },
  );

  test('never answers on the topic of another thing', async () => {
    await expect(run(handler, ruleEvent({ v: 1, size: 1 }, 'acme:victim', 'acme:cam-1'))).rejects.toThrow(
      RefusedError,
    );
    expect(sent).toEqual([]);
  });

  test('lets what is unexpected go up, for the trigger to act on', async () => {
    await expect(run(handler, ruleEvent({ v: 1, size: 8 }))).rejects.toThrow(ConflictError);
  });
});

describe('a function behind a queue that a rule fills', () => {
  const handler = onDeviceBatch('report', Body, {}, async (messages) => ({
    retry: messages.filter(({ body }) => body.size === 5),
    refused: messages
      .filter(({ body }) => body.size === 6)
      .map((message) => ({ message, error: new RefusedError('size', 'must not be 6') })),
  }));

  test('fails the records that must come again, refuses the bad ones, and lets go of the rest', async () => {
    const answer = await run(handler, {
      Records: [
        record('good', ruleEvent({ v: 1, size: 1 })),
        record('again', ruleEvent({ v: 1, size: 5 })),
        record('refused', ruleEvent({ v: 1, size: 6 })),
        record('unreadable', ruleEvent('nonsense')),
        record('poison', 'not even JSON'),
      ],
    });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'again' }] });
    expect(sent.map(({ body }) => body)).toEqual([
      { v: 1, message: 'report', field: 'message', rule: 'must be JSON in UTF-8' },
      { v: 1, message: 'report', field: 'size', rule: 'must not be 6' },
    ]);
  });
});

describe('a function behind a queue of our own', () => {
  test('keeps a poison record failing, so that it ends in the dead-letter queue, and handles the others', async () => {
    const seen: number[] = [];
    const handler = onQueue(Body, {}, async (messages) => {
      seen.push(...messages.map(({ body }) => body.size));
      return { retry: messages.filter(({ body }) => body.size === 2) };
    });
    const records = [
      record('one', { v: 1, size: 1 }),
      record('two', { v: 1, size: 2 }),
      record('poison', { v: 9 }),
    ];
    expect(await run(handler, { Records: records })).toEqual({
      batchItemFailures: [{ itemIdentifier: 'poison' }, { itemIdentifier: 'two' }],
    });
    expect(seen).toEqual([1, 2]);
  });
});

describe('a function behind a route', () => {
  const route = defineRoute({
    method: 'POST',
    path: '/things/{name}',
    summary: 'Make a thing',
    role: 'operator',
    params: z.strictObject({ name: z.string().max(5) }),
    body: z.strictObject({ size: z.number() }),
    answer: z.object({ size: z.number() }),
    status: 201,
  });
  const handler = onHttp(route, {}, async ({ body }) => {
    if (body.size === 1) throw new WrongStateError('size', 'is taken');
    if (body.size === 2) throw new Error('secret inside');
    return { size: body.size };
  });
  const request = (body: unknown, role = 'operator', overrides: object = {}) => ({
    rawPath: '/things/a',
    pathParameters: { name: 'a' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { authorizer: { jwt: { claims: { tenant: 'acme', sub: 'ada', role } } } },
    ...overrides,
  });
  const answerTo = async (event: ReturnType<typeof request>) => {
    const { statusCode, body } = await run(handler, event);
    return { status: statusCode, body: JSON.parse(body) };
  };

  test('answers what the steps return, with the status of the route', async () => {
    expect(await answerTo(request({ size: 5 }))).toEqual({ status: 201, body: { size: 5 } });
  });

  test('reads a body in base64', async () => {
    const encoded = Buffer.from('{"size":6}').toString('base64');
    expect(await answerTo(request(encoded, 'operator', { isBase64Encoded: true }))).toMatchObject({
      status: 201,
    });
  });

  test.each([
    ['a key it does not know', { size: 5, colour: 'blue' }, 400, 'colour'],
    ['a body that is no JSON', '{', 400, 'body'],
    ['no body', '', 400, 'body'],
    ['a state that does not allow it', { size: 1 }, 409, 'size'],
  ])('refuses %s, by field', async (_what, body, status, field) => {
    expect(await answerTo(request(body))).toMatchObject({ status, body: { error: { field } } });
  });

  test('refuses a path parameter beyond its bound', async () => {
    const event = request({ size: 5 }, 'operator', { pathParameters: { name: 'much-too-long' } });
    expect(await answerTo(event)).toMatchObject({ status: 400, body: { error: { field: 'name' } } });
  });

  test('turns away who may not, and who is nobody', async () => {
    expect(await answerTo(request({ size: 5 }, 'viewer'))).toMatchObject({ status: 403 });
    expect(await answerTo(request({ size: 5 }, 'operator', { requestContext: {} }))).toMatchObject({
      status: 401,
    });
  });

  test('tells nothing of an internal fault, and logs it with the request', async () => {
    lines.length = 0;
    expect(await answerTo(request({ size: 2 }))).toEqual({
      status: 500,
      body: { error: { code: 'internal', message: 'an internal fault; it has been logged' } },
    });
    expect(lines).toMatchObject([
      { level: 'ERROR', correlation_id: 'request-1', error: { message: 'secret inside' } },
    ]);
  });
});

describe('functions behind uploads and change streams', () => {
  test('an upload event gives its key decoded, as S3 encodes it', async () => {
    const keys: string[] = [];
    const handler = onUpload({}, async ({ key }) => {
      keys.push(key);
    });
    const object = { key: 'uploads/a+b%2Bc', size: 1, versionId: 'v1' };
    await run(handler, { Records: [{ s3: { bucket: { name: 'firmware' }, object } }] });
    expect(keys).toEqual(['uploads/a b+c']);
  });

  test('a change comes with its images as they were written', async () => {
    const item = { pk: 'a', sk: 'b', n: 1.5, flag: true, none: null, list: [1, { deep: 'x' }] };
    const changes: unknown[] = [];
    const handler = onChange({}, async (all) => {
      changes.push(...all);
      return undefined;
    });
    const dynamodb = {
      Keys: marshallItem({ pk: 'a', sk: 'b' }),
      NewImage: marshallItem(item),
      SequenceNumber: '1',
    };
    const answer = await run(handler, { Records: [{ eventName: 'INSERT', dynamodb }] });
    expect(changes).toEqual([{ keys: { pk: 'a', sk: 'b' }, after: item }]);
    expect(answer).toEqual({ batchItemFailures: [] });
  });

  test('names the record from which on changes must come again', async () => {
    const record = (SequenceNumber: string) => ({
      eventName: 'INSERT' as const,
      dynamodb: { Keys: marshallItem({ pk: 'a', sk: 'b' }), SequenceNumber },
    });
    const handler = onChange({}, async ([, second]) => (second ? { from: second } : undefined));
    const answer = await run(handler, { Records: [record('11'), record('12'), record('13')] });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '12' }] });
  });
});
