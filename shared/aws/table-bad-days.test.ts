import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CONFORMANCE_TABLE, itemAt } from '#shared/capabilities/conformance/table-subject.ts';
import type { Table } from '#shared/capabilities/table.ts';
import { ConflictError, RefusedError, ThrottledError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { KEPT_MS } from './fresh-connections.ts';
import { answersTooLate, cutsAnswerShort, losesAnswer, losesRequest, refuses } from './testing/bad-days.ts';
import { makeTable, tableAt } from './testing/dynamo-table.ts';
import { pauseForNothing } from './testing/no-pauses.ts';
import { impatient, type Oracle, patient, startDynoxide } from './testing/oracle-process.ts';
import { type Handling, json, passTo, Wire, type WireAnswer, type WireRequest } from './testing/wire.ts';

pauseForNothing();

const { name: NAME } = CONFORMANCE_TABLE;
const KEY = { pk: 'p', sk: 's' };
const isAbsent = [{ attribute: 'pk', is: 'absent' }] as const;

describe('a table on DynamoDB on a bad day (a real oracle behind a wire that fails)', () => {
  let oracle: Oracle;
  let wire: Wire;
  let table: Table;
  let close: () => void;
  let passed: (asked: WireRequest) => Promise<WireAnswer>;
  beforeAll(async () => {
    oracle = await startDynoxide();
    await makeTable(oracle);
    passed = passTo(oracle.endpoint);
  });
  afterAll(() => oracle.stop());
  beforeEach(async () => {
    wire = await Wire.open(passed);
    ({ table, close } = tableAt(wire));
    await table.write({ delete: KEY });
    wire.requests.length = 0;
  });
  afterEach(async () => {
    close();
    await wire.close();
  });

  const count = () => table.write({ update: KEY, add: { count: 1 } });
  const throttled = refuses(400, 'ProvisionedThroughputExceededException');

  describe('when the answer is lost after the write', () => {
    test('repeats a write that is the same twice', async () => {
      wire.next(losesAnswer(passed));
      expect(await table.write({ put: { ...KEY, n: 1 } })).toMatchObject({ outcome: 'written' });
      expect(wire.requests).toHaveLength(2);
    });

    test('does not add again: the outcome is unknown, and the number was added once', async () => {
      wire.next(losesAnswer(passed));
      await expect(count()).rejects.toThrow(UnknownOutcomeError);
      expect(wire.requests).toHaveLength(1);
      expect(await itemAt(table, 'p', 's')).toEqual({ ...KEY, count: 1 });
    });

    test('does not repeat a conditional write, which would be refused by what it wrote itself', async () => {
      wire.next(losesAnswer(passed));
      const write = table.write({ put: { ...KEY, n: 1 }, when: isAbsent });
      await expect(write).rejects.toThrow(UnknownOutcomeError);
      expect(wire.requests).toHaveLength(1);
      expect(await itemAt(table, 'p', 's')).toEqual({ ...KEY, n: 1 });
    });

    test('repeats a transaction under its token, which is then made once', async () => {
      wire.next(losesAnswer(passed));
      const writes = [{ update: KEY, add: { count: 1 } }];
      expect(await table.transact(writes, { token: 'lost-once' })).toEqual({ outcome: 'written' });
      const [first, second] = wire.requests;
      expect(second?.body).toEqual(first?.body);
      expect(await itemAt(table, 'p', 's')).toEqual({ ...KEY, count: 1 });
    });

    test('does not know of a transaction after three lost answers; the same token later makes it once', async () => {
      wire.next(losesAnswer(passed), losesAnswer(passed), losesAnswer(passed));
      const writes = [{ update: KEY, add: { count: 1 }, when: isAbsent }];
      await expect(table.transact(writes, { token: 'lost' })).rejects.toThrow(UnknownOutcomeError);
      expect(wire.requests).toHaveLength(3);
      expect(await table.transact(writes, { token: 'lost' })).toEqual({ outcome: 'written' });
      expect(await itemAt(table, 'p', 's')).toEqual({ ...KEY, count: 1 });
    });

    test.each([
      ['comes too late', answersTooLate],
      ['breaks off in the middle', cutsAnswerShort],
    ])('the same holds for an answer that %s', async (_, fault) => {
      const hurried = tableAt(wire, impatient);
      const made = Promise.withResolvers<void>();
      const notes: typeof passed = (asked) => passed(asked).finally(made.resolve);
      wire.next(fault(notes));
      const write = hurried.table.write({ update: KEY, add: { count: 1 } });
      await expect(write).rejects.toThrow(UnknownOutcomeError);
      await made.promise;
      expect(wire.requests).toHaveLength(1);
      expect(await itemAt(table, 'p', 's')).toEqual({ ...KEY, count: 1 });
      hurried.close();
    });

    test('reads and queries again', async () => {
      await table.write({ put: KEY });
      wire.next(losesAnswer(passed), losesRequest, passed, refuses(500, 'InternalServerError'));
      expect(await itemAt(table, 'p', 's')).toEqual(KEY);
      expect(await table.query({ partition: 'p', limit: 10 })).toEqual({ items: [KEY] });
    });
  });

  test('begins on new connections after a rest, in which Lambda may have purged those that idled', async () => {
    let nowMs = 1_000_000;
    const rested = tableAt(wire, patient, { ...realWorld, now: () => nowMs });
    const add = () => rested.table.write({ update: KEY, add: { count: 1 } });
    await add();
    wire.purge();
    nowMs += KEPT_MS + 1;
    expect(await add()).toMatchObject({ item: { count: 2 } });
    // Not so long ago it was not looked for: such a write is thrown, and was not made.
    wire.purge();
    nowMs += KEPT_MS;
    await expect(add()).rejects.toThrow(UnknownOutcomeError);
    expect(await itemAt(table, 'p', 's')).toEqual({ ...KEY, count: 2 });
    rested.close();
  });

  test('does not know what a request did that may never have arrived', async () => {
    wire.next(losesRequest);
    await expect(count()).rejects.toThrow(UnknownOutcomeError);
    expect(await itemAt(table, 'p', 's')).toBeUndefined();
  });

  test.each([500, 503])('does not know what a write did that failed with %d', async (status) => {
    wire.next(refuses(status, 'InternalServerError'));
    await expect(count()).rejects.toThrow(UnknownOutcomeError);
    expect(wire.requests).toHaveLength(1);
  });

  describe('when it is throttled', () => {
    test.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'])(
      'adds once all the same (%s did nothing)',
      async (name) => {
        wire.next(refuses(400, name), refuses(400, name));
        expect(await count()).toEqual({ outcome: 'written', item: { ...KEY, count: 1 } });
        expect(wire.requests).toHaveLength(3);
      },
    );

    test('gives up after three tries, whichever kind of write or read it is', async () => {
      const calls = [
        () => count(),
        () => table.write({ put: { ...KEY, n: 1 }, when: isAbsent }),
        () => table.write({ put: KEY }),
        () => table.transact([{ put: KEY }], { token: 'throttled' }),
        () => table.putAll([KEY]),
        () => table.get([KEY], { consistent: true }),
        () => table.query({ partition: 'p', limit: 1 }),
      ];
      for (const call of calls) {
        wire.requests.length = 0;
        wire.next(throttled, throttled, throttled);
        await expect(call()).rejects.toThrow(ThrottledError);
        expect(wire.requests).toHaveLength(3);
      }
      expect(await itemAt(table, 'p', 's')).toBeUndefined();
    });

    test('makes a transaction again of which one item was throttled, under the same token', async () => {
      wire.next(cancelledFor('None', 'ThrottlingError'), cancelledFor('ThrottlingError', 'None'));
      const writes = [{ update: KEY, add: { count: 1 } }, { put: { pk: 'p', sk: 'other' } }];
      expect(await table.transact(writes, { token: 'item' })).toEqual({ outcome: 'written' });
      const [first, ...others] = wire.requests.map(({ body }) => String(body));
      expect(others).toEqual([first, first]);
      expect(await itemAt(table, 'p', 's')).toEqual({ ...KEY, count: 1 });
    });

    test('throws a transaction of which one item stays throttled, and nothing is written', async () => {
      wire.next(...Array(3).fill(cancelledFor('None', 'ThrottlingError')));
      const writes = [{ put: KEY }, { put: { pk: 'p', sk: 'never' } }];
      await expect(table.transact(writes, { token: 'one' })).rejects.toThrow(ThrottledError);
      expect(wire.requests).toHaveLength(3);
      expect(await itemAt(table, 'p', 'never')).toBeUndefined();
    });
  });

  describe('when only a part of a batch is done', () => {
    const items = Array.from({ length: 40 }, (_, at) => ({ pk: `batch-${at}`, sk: 's', at }));

    test('names the items that were not put; the others are there', async () => {
      wire.next(leavesUnwritten(3, passed));
      const { unprocessed } = await table.putAll(items);
      expect(unprocessed).toEqual(items.slice(22, 25));
      const found = await table.get(items, { consistent: true });
      expect(found).toEqual([...items.slice(0, 22), undefined, undefined, undefined, ...items.slice(25)]);
    });

    test('reads what was left unread again, and answers in the order asked', async () => {
      await table.putAll(items);
      wire.requests.length = 0;
      wire.next(leavesUnread(15, passed), leavesUnread(1, passed));
      expect(await table.get(items, { consistent: true })).toEqual(items);
      expect(wire.requests).toHaveLength(3);
      const second = JSON.parse(String(wire.requests[1]?.body)).RequestItems[NAME];
      expect([second.Keys.length, second.ConsistentRead]).toEqual([15, true]);
    });

    test('gives up on keys that stay unread, after eight tries', async () => {
      wire.next(...Array(8).fill(leavesUnread(40, passed)));
      await expect(table.get(items, { consistent: true })).rejects.toThrow(ThrottledError);
      expect(wire.requests).toHaveLength(8);
    });
  });

  describe('when writes meet', () => {
    test('refuses with the item that was found', async () => {
      await table.write({ put: { ...KEY, n: 7 } });
      const result = await table.write({ put: { ...KEY, n: 8 }, when: isAbsent });
      expect(result).toEqual({ outcome: 'refused', item: { ...KEY, n: 7 } });
    });

    test('refuses a transaction with the items that were found, by position', async () => {
      wire.next(cancelledFor('None', 'ConditionalCheckFailed', 'ConditionalCheckFailed'));
      const put = (sk: string) => ({ put: { pk: 'p', sk }, when: isAbsent });
      expect(await table.transact([put('a'), put('b'), put('c')], { token: 'met' })).toEqual({
        outcome: 'refused',
        failed: [
          { index: 1, item: { pk: 'p', sk: 'found-1' } },
          { index: 2, item: { pk: 'p', sk: 'found-2' } },
        ],
      });
    });

    test('conflicts when another transaction holds an item, and is not repeated by itself', async () => {
      wire.next(refuses(400, 'TransactionConflictException'));
      await expect(count()).rejects.toThrow(ConflictError);
      wire.next(cancelledFor('TransactionConflict', 'None'));
      const writes = [{ put: KEY }, { put: { pk: 'p', sk: 'other' } }];
      await expect(table.transact(writes, { token: 'conflict' })).rejects.toThrow(ConflictError);
      expect(wire.requests).toHaveLength(2);
    });

    test('conflicts with itself while its own first try is still running', async () => {
      wire.next(...Array(3).fill(refuses(400, 'TransactionInProgressException')));
      await expect(table.transact([{ put: KEY }], { token: 'running' })).rejects.toThrow(ConflictError);
      expect(wire.requests).toHaveLength(3);
    });

    test('refuses a token that was used for another transaction', async () => {
      wire.next(refuses(400, 'IdempotentParameterMismatchException'));
      const writes = [{ put: KEY }];
      await expect(table.transact(writes, { token: 'used' })).rejects.toThrow(RefusedError);
    });
  });
});

/** A cancelled transaction, with the reason of each write (TransactWriteItems, "Errors"). */
function cancelledFor(...codes: readonly string[]): Handling {
  const CancellationReasons = codes.map((Code, at) => ({
    Code,
    ...(Code !== 'None' && { Message: 'the reason' }),
    ...(Code === 'ConditionalCheckFailed' && { Item: { pk: { S: 'p' }, sk: { S: `found-${at}` } } }),
  }));
  return refuses(400, 'TransactionCanceledException', { CancellationReasons });
}

/** The service puts all but the last `count` items of the request, and says so. */
function leavesUnwritten(count: number, service: (asked: WireRequest) => Promise<WireAnswer>): Handling {
  return async (asked) => {
    const puts: unknown[] = JSON.parse(asked.body.toString()).RequestItems[NAME];
    const kept = { RequestItems: { [NAME]: puts.slice(0, -count) } };
    await service({ ...asked, body: Buffer.from(JSON.stringify(kept)) });
    return json(200, { UnprocessedItems: { [NAME]: puts.slice(-count) } });
  };
}

/** The service reads all but the last `count` keys of the request, and says so. */
function leavesUnread(count: number, service: (asked: WireRequest) => Promise<WireAnswer>): Handling {
  return async (asked) => {
    const { Keys, ...how } = JSON.parse(asked.body.toString()).RequestItems[NAME];
    const unread = { [NAME]: { ...how, Keys: Keys.slice(-count) } };
    if (count >= Keys.length) return json(200, { Responses: { [NAME]: [] }, UnprocessedKeys: unread });
    const kept = { RequestItems: { [NAME]: { ...how, Keys: Keys.slice(0, -count) } } };
    const { body } = await service({ ...asked, body: Buffer.from(JSON.stringify(kept)) });
    return json(200, { Responses: JSON.parse(body.toString()).Responses, UnprocessedKeys: unread });
  };
}
