import { describe, expect, test } from '@jest/globals';
import { sqsBatch } from './fixtures/aws-events.ts';
import { onQueue } from './on-queue.ts';
import { Example } from './testing/example.ts';
import { WrapperHome } from './testing/wrapper-home.ts';

const failures = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('a function behind a queue of our own', () => {
  test('keeps a poison record failing, so that it ends in the dead-letter queue, and handles the others', async () => {
    const seen: unknown[] = [];
    const handler = onQueue(Example, {}, async (messages) => {
      seen.push(...messages);
      return { retry: messages.filter(({ body }) => body.size === 2) };
    });
    const records = sqsBatch({ v: 1, size: 1 }, { v: 1, size: 2 }, { v: 9 }, '{', '['.repeat(100_000));
    const home = new WrapperHome();
    const answer = await home.run(handler, records);
    expect(answer).toEqual(failures('2', '3', '4', '1'));
    expect(seen).toMatchObject([
      { body: { v: 1, size: 1 }, sentAtMs: 1_780_000_000_250, receiveCount: 1 },
      { body: { v: 1, size: 2 } },
    ]);
    expect(home.lines).toMatchObject([{ messageId: '2' }, { messageId: '3' }, { messageId: '4' }]);
  });

  test('gives a body that names a prototype no prototype', async () => {
    const seen: object[] = [];
    const handler = onQueue(Example, {}, async (messages) => {
      seen.push(...messages.map(({ body }) => body));
      return undefined;
    });
    await new WrapperHome().run(handler, sqsBatch('{"v":1,"size":1,"__proto__":{"isAdmin":true}}'));
    expect(seen.map((body) => [Object.keys(body), 'isAdmin' in body])).toEqual([[['v', 'size'], false]]);
  });

  test('fails as a whole when its steps do, so that all come again', async () => {
    const handler = onQueue(Example, {}, () => Promise.reject(new Error('a fault of ours')));
    await expect(new WrapperHome().run(handler, sqsBatch({ v: 1, size: 1 }, '{'))).rejects.toThrow('of ours');
  });

  test('fails rather than lose a message that is a copy', async () => {
    const handler = onQueue(Example, {}, async ([message]) => ({ retry: message ? [{ ...message }] : [] }));
    await expect(new WrapperHome().run(handler, sqsBatch({ v: 1, size: 1 }))).rejects.toThrow(
      /not one of their batch/,
    );
  });
});
