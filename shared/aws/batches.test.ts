import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { AccessDeniedError, ThrottledError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import { batchesOf, sendBatches } from './batches.ts';

test('every item is in exactly one batch, in order, and no batch is larger than a request', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 256 * 1024 }), { maxLength: 60 }), (sizes) => {
      const batches = batchesOf(sizes, (size) => size);
      expect(batches.flat().map(({ at }) => at)).toEqual(sizes.map((_, at) => at));
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(10);
        expect(batch.reduce((sum, { item }) => sum + item, 0)).toBeLessThanOrEqual(256 * 1024);
      }
    }),
  );
});

test.each([new ThrottledError('slow down'), new UnknownOutcomeError('lost')])(
  'a batch that met $name is to be sent again, and the others are not',
  async (error) => {
    const batches = batchesOf(
      Array.from({ length: 25 }, (_, at) => at),
      () => 1,
    );
    const { failed } = await sendBatches(batches, (batch) => {
      if (batch[0]?.at === 10) return Promise.reject(error);
      return Promise.resolve(batch[0]?.at === 20 ? [21] : []);
    });
    expect(failed).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21]);
  },
);

test('what sending again would not mend is thrown', async () => {
  const denied = new AccessDeniedError('sqs:SendMessage', 'queue', 'a function');
  await expect(
    sendBatches(
      batchesOf([1], () => 1),
      () => Promise.reject(denied),
    ),
  ).rejects.toBe(denied);
});

test('eight requests are under way at once and no more, each batch in one of them', async () => {
  const batches = batchesOf(
    Array.from({ length: 3_000 }, (_, at) => at),
    () => 1,
  );
  const sent: number[] = [];
  let underWay = 0;
  let most = 0;
  await sendBatches(batches, async (batch) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise(setImmediate);
    sent.push(...batch.map(({ at }) => at));
    underWay -= 1;
    return [];
  });
  expect(most).toBe(8);
  expect(sent.sort((one, other) => one - other)).toEqual(Array.from({ length: 3_000 }, (_, at) => at));
});
