import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RefusedError } from '#shared/errors/errors.ts';
import { captured, ruleEvent, sqsBatch } from './fixtures/aws-events.ts';
import { onDeviceBatch } from './on-device-batch.ts';
import { Example } from './testing/example.ts';
import { WrapperHome } from './testing/wrapper-home.ts';

let home: WrapperHome;
beforeEach(() => {
  home = new WrapperHome();
});
const failures = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});
const sized = (size: number, thing?: string) => ruleEvent({ v: 1, size }, thing);

describe('a function behind a queue that a rule fills', () => {
  const handled: number[] = [];
  beforeEach(() => {
    handled.length = 0;
  });
  const handler = onDeviceBatch('report', Example, {}, async (messages) => {
    if (messages.some(({ body }) => body.size === 8)) throw new Error('a fault of ours');
    handled.push(...messages.map(({ body }) => body.size));
    return {
      retry: messages.filter(({ body }) => body.size === 5),
      refused: messages
        .filter(({ body }) => body.size === 6)
        .map((message) => ({ message, error: new RefusedError('size', 'must not be 6') })),
    };
  });

  test('has those come again that must, refuses the bad ones, and lets go of the rest', async () => {
    const batch = sqsBatch(sized(1), sized(5), sized(6), ruleEvent(Buffer.from('nonsense')));
    expect(await home.run(handler, batch)).toEqual(failures('1'));
    expect(home.sent.map(({ body }) => body)).toEqual([
      { v: 1, message: 'report', field: 'message', rule: 'must be JSON in UTF-8' },
      { v: 1, message: 'report', field: 'size', rule: 'must not be 6' },
    ]);
  });

  test('tells a device which of its requests was refused, whether by the schema or by the steps', async () => {
    const nonce = 'k3J9x2Qa';
    await home.run(
      handler,
      sqsBatch(ruleEvent({ v: 1, size: 11, nonce }), ruleEvent({ v: 1, size: 6, nonce })),
    );
    expect(home.sent.map(({ body }) => body)).toEqual([
      { v: 1, message: 'report', nonce, field: 'size', rule: 'expected number to be <=10' },
      { v: 1, message: 'report', nonce, field: 'size', rule: 'must not be 6' },
    ]);
  });

  test('tells a device of which attempt its refused report was', async () => {
    const attempt = '01K1W0ZQ6Y7X8V9T0S1R2Q3P4N';
    await home.run(handler, sqsBatch(ruleEvent({ v: 1, size: 11, attempt })));
    expect(home.sent.map(({ body }) => body)).toMatchObject([{ message: 'report', attempt, field: 'size' }]);
  });

  test.each([
    ['is no JSON', 'not even JSON'],
    ['nests without an end', '['.repeat(100_000)],
    ['is a rule event in seconds', { ...sized(1), at: 1_780_000_000 }],
    ['is the account of a failed rule', captured('iot-rule-error')],
    ['is null', null],
  ])('keeps a record that %s for the dead-letter queue, alone', async (_what, body) => {
    expect(await home.run(handler, sqsBatch(sized(1), body, sized(2)))).toEqual(failures('1'));
    expect(handled).toEqual([1, 2]);
    expect(home.sent).toEqual([]);
    expect(home.lines).toMatchObject([{ level: 'ERROR', messageId: '1', error: {} }]);
  });

  test.each([
    ['speaks for another thing', { ...sized(1), client: 'acme:thief' }],
    ['has no principal', { ...sized(1), certificate: undefined }],
    ['is no device', { ...sized(1), thing: 'N/A', client: 'N/A' }],
  ])('counts a message whose sender %s, and tells nobody', async (_what, body) => {
    expect(await home.run(handler, sqsBatch(body, sized(2)))).toEqual(failures());
    expect(handled).toEqual([2]);
    expect(home.sent).toEqual([]);
    expect(home.counted).toEqual({ DeviceMessageDenied: 1 });
  });

  test('fails as a whole when its steps do, so that all come again', async () => {
    await expect(home.run(handler, sqsBatch(sized(1), sized(8)))).rejects.toThrow('a fault of ours');
  });

  test('owes a refusal that could not be sent, and does the others all the same', async () => {
    home.beforeSending = (topic) =>
      topic.includes('cam-0007') ? Promise.reject(new Error('throttled')) : Promise.resolve();
    const batch = sqsBatch(
      ruleEvent(Buffer.from('x'), 'acme:cam-0007'),
      sized(6, 'acme:cam-0007'),
      sized(6, 'acme:cam-0008'),
      sized(1),
    );
    expect(await home.run(handler, batch)).toEqual(failures('0', '1'));
    expect(handled).toEqual([6, 6, 1]);
    expect(home.sent.map(({ topic }) => topic)).toEqual(['ek/acme:cam-0008/refused']);
  });

  test.each(['retry', 'refused'])('fails rather than lose a message that is a copy (%s)', async (list) => {
    const copying = onDeviceBatch('report', Example, {}, async ([message]) => {
      if (message === undefined) return {};
      const copy = { ...message };
      return list === 'retry'
        ? { retry: [copy] }
        : { refused: [{ message: copy, error: new RefusedError('size', 'must not be 1') }] };
    });
    await expect(home.run(copying, sqsBatch(sized(1)))).rejects.toThrow(/not one of their batch/);
  });

  test('names each record once, however often it is in the batch', async () => {
    const {
      Records: [record],
    } = sqsBatch(sized(5));
    if (record === undefined) throw new Error('no record');
    expect(await home.run(handler, { Records: [record, record] })).toEqual(failures('0'));
  });

  test('loses none of a batch of any make-up: each record is handled, refused, or comes again', async () => {
    const kinds = {
      good: sized(1),
      again: sized(5),
      refused: sized(6),
      unreadable: ruleEvent(Buffer.from('x')),
      broken: 'x',
      denied: { ...sized(1), client: 'acme:thief' },
    };
    const make = fc.array(fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(make, async (made) => {
        home = new WrapperHome();
        const { batchItemFailures } = await home.run(handler, sqsBatch(...made.map((kind) => kinds[kind])));
        const again = made.flatMap((kind, at) => (kind === 'again' || kind === 'broken' ? [String(at)] : []));
        expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(again.sort());
        const toldTwice = made.filter((kind) => kind === 'refused' || kind === 'unreadable');
        expect(home.sent).toHaveLength(toldTwice.length);
      }),
    );
  });
});
