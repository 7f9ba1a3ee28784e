import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Table, TransactWrite } from '../table.ts';
import { itemAt, type OpenTable, type OpenTimedTable, putItems } from './table-subject.ts';

const TEN_MINUTES_MS = 10 * 60 * 1000;

const isAbsent = [{ attribute: 'pk', is: 'absent' }] as const;
const put = (sk: string, attributes = {}): TransactWrite => ({ put: { pk: 'p', sk, ...attributes } });
const count = (sk: string): TransactWrite => ({ update: { pk: 'p', sk }, add: { count: 1 } });

/** All or nothing, and tokens. */
export function describeTableTransactions(open: () => Promise<OpenTable>): void {
  describe('transacting', () => {
    let opened: OpenTable;
    let table: Table;
    beforeEach(async () => {
      opened = await open();
      table = opened.table;
    });
    afterEach(() => opened.close());

    test('makes all writes', async () => {
      await putItems(table, [
        { pk: 'p', sk: 'deleted' },
        { pk: 'p', sk: 'checked', n: 1 },
      ]);
      const result = await table.transact(
        [
          put('put', { a: 1 }),
          count('counted'),
          { delete: { pk: 'p', sk: 'deleted' } },
          { check: { pk: 'p', sk: 'checked' }, when: [{ attribute: 'n', is: '=', value: 1 }] },
        ],
        { token: 't1' },
      );
      expect(result).toEqual({ outcome: 'written' });
      expect(await itemAt(table, 'p', 'put')).toEqual({ pk: 'p', sk: 'put', a: 1 });
      expect(await itemAt(table, 'p', 'counted')).toEqual({ pk: 'p', sk: 'counted', count: 1 });
      expect(await itemAt(table, 'p', 'deleted')).toBeUndefined();
      expect(await itemAt(table, 'p', 'checked')).toEqual({ pk: 'p', sk: 'checked', n: 1 });
    });

    test('makes none when a condition fails, and names every failed write with the item it found', async () => {
      await table.write({ put: { pk: 'p', sk: 'there', n: 1 } });
      const result = await table.transact(
        [
          put('first'),
          { put: { pk: 'p', sk: 'there' }, when: isAbsent },
          { ...count('there2'), when: isAbsent },
          { check: { pk: 'p', sk: 'none' }, when: [{ attribute: 'n', is: '=', value: 1 }] },
        ],
        { token: 't1' },
      );
      expect(result).toEqual({
        outcome: 'refused',
        failed: [{ index: 1, item: { pk: 'p', sk: 'there', n: 1 } }, { index: 3 }],
      });
      expect(await itemAt(table, 'p', 'first')).toBeUndefined();
      expect(await itemAt(table, 'p', 'there2')).toBeUndefined();
    });

    test('makes a repeat with the same token only once', async () => {
      const writes = [count('a'), count('b')];
      await table.transact(writes, { token: 'same' });
      expect(await table.transact(writes, { token: 'same' })).toEqual({ outcome: 'written' });
      await table.transact(writes, { token: 'other' });
      expect(await itemAt(table, 'p', 'a')).toEqual({ pk: 'p', sk: 'a', count: 2 });
    });

    test('refuses a token that another transaction has used', async () => {
      await table.transact([count('a')], { token: 'same' });
      await expect(table.transact([count('b')], { token: 'same' })).rejects.toThrow(RefusedError);
      expect(await itemAt(table, 'p', 'b')).toBeUndefined();
    });

    test('does not hold a refused transaction against its token', async () => {
      const writes = [{ put: { pk: 'p', sk: 'a' }, when: [{ attribute: 'go', is: '=', value: 1 }] } as const];
      await table.transact(writes, { token: 'same' });
      await table.write({ put: { pk: 'p', sk: 'a', go: 1 } });
      expect(await table.transact(writes, { token: 'same' })).toEqual({ outcome: 'written' });
      expect(await itemAt(table, 'p', 'a')).toEqual({ pk: 'p', sk: 'a' });
    });

    test('refuses two writes on one item, no writes, more than a hundred, and a check of nothing', async () => {
      const many = Array.from({ length: 101 }, (_, at) => count(`${at}`));
      const check = { check: { pk: 'p', sk: 'a' }, when: [] };
      for (const writes of [[count('a'), put('a')], [], many, [check]]) {
        await expect(table.transact(writes, { token: 't' })).rejects.toThrow(RefusedError);
      }
      expect(await table.transact(many.slice(1), { token: 't' })).toEqual({ outcome: 'written' });
    });

    test('makes nothing when one write cannot be made', async () => {
      await table.write({ put: { pk: 'p', sk: 'text', count: 'none' } });
      await expect(table.transact([put('a'), count('text')], { token: 't' })).rejects.toThrow(RefusedError);
      expect(await itemAt(table, 'p', 'a')).toBeUndefined();
    });

    test('refuses more than 4 MB', async () => {
      const writes = Array.from({ length: 11 }, (_, at) => put(`${at}`, { bytes: 'x'.repeat(390 * 1024) }));
      await expect(table.transact(writes, { token: 't' })).rejects.toThrow(RefusedError);
      expect(await itemAt(table, 'p', '0')).toBeUndefined();
    });

    test.each([[''], ['x'.repeat(37)]])('refuses %j as a token', async (token) => {
      await expect(table.transact([put('a')], { token })).rejects.toThrow(RefusedError);
    });
  });
}

/** What tokens do as time passes; for implementations whose clock a test can move. */
export function describeTransactionTokens(name: string, open: () => Promise<OpenTimedTable>): void {
  describe(`${name} keeping transaction tokens`, () => {
    let opened: OpenTimedTable;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    // The first transactions fall at different distances from wherever an implementation may cut time.
    test.each([0, 1, 299_999, 599_999])(
      'keeps a token for ten minutes and no longer (%d ms in)',
      async (startMs) => {
        const { table } = opened;
        await opened.elapse(startMs);
        await table.transact([count('a')], { token: 'same' });
        await opened.elapse(TEN_MINUTES_MS - 1);
        await table.transact([count('z')], { token: 'between' });
        await table.transact([count('a')], { token: 'same' });
        expect(await itemAt(table, 'p', 'a')).toEqual({ pk: 'p', sk: 'a', count: 1 });
        await opened.elapse(1);
        await table.transact([count('a')], { token: 'same' });
        expect(await itemAt(table, 'p', 'a')).toEqual({ pk: 'p', sk: 'a', count: 2 });
      },
    );
  });
}
