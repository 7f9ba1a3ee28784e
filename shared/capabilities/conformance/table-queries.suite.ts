import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Item, Query, Table } from '../table.ts';
import { allPages, type OpenTable, putItems } from './table-subject.ts';

const SORT_KEYS = [
  'a',
  'a#1',
  'a#2',
  'ab',
  'b',
  'z',
  '\u{e000}',
  '\u{ffff}',
  '\u{1F6A2}',
  '\u{10FFFF}',
  '\u{10FFFF}x',
];

/** The same cursor with another last cell. */
function withLast(cursor: string, cell: string): string {
  const cells: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  return Buffer.from(JSON.stringify([...cells.slice(0, -1), cell])).toString('base64url');
}

/** Key ranges, cursors and indexes. */
export function describeTableQueries(open: () => Promise<OpenTable>): void {
  describe('querying', () => {
    let opened: OpenTable;
    let table: Table;
    beforeEach(async () => {
      opened = await open();
      table = opened.table;
    });
    afterEach(() => opened.close());

    async function put(items: readonly Item[]): Promise<void> {
      await putItems(table, items);
      await opened.settle();
    }
    async function sortKeys(query: Partial<Query>): Promise<unknown[]> {
      const items = await allPages(table, { partition: 'p', limit: 2, consistent: true, ...query });
      return items.map(({ sk }) => sk);
    }
    async function fill(): Promise<void> {
      const items = SORT_KEYS.map((sk) => ({ pk: 'p', sk })).reverse();
      await put([...items, { pk: 'o', sk: 'a' }, { pk: 'p2', sk: 'a' }]);
    }

    test('orders a partition by the bytes of its sort keys, either way, and shows no other partition', async () => {
      await fill();
      expect(await sortKeys({})).toEqual(SORT_KEYS);
      expect(await sortKeys({ descending: true })).toEqual([...SORT_KEYS].reverse());
      expect(await sortKeys({ partition: 'nobody' })).toEqual([]);
    });

    test('takes both bounds in', async () => {
      await fill();
      expect(await sortKeys({ from: 'a#1', to: 'b' })).toEqual(['a#1', 'a#2', 'ab', 'b']);
      expect(await sortKeys({ from: 'a#1', to: 'b', descending: true })).toEqual(['b', 'ab', 'a#2', 'a#1']);
      expect(await sortKeys({ to: 'a#10' })).toEqual(['a', 'a#1']);
      expect(await sortKeys({ from: '\u{ffff}', descending: true })).toEqual(SORT_KEYS.slice(7).reverse());
    });

    test('finds nothing between bounds that cross', async () => {
      await fill();
      expect(await sortKeys({ from: 'b', to: 'a' })).toEqual([]);
    });

    test.each(['a', 'a#', 'ab', 'nothing', '\u{e000}', '\u{10FFFF}'])(
      'finds what begins with %j',
      async (prefix) => {
        await fill();
        const matching = SORT_KEYS.filter((sk) => sk.startsWith(prefix));
        expect(await sortKeys({ prefix })).toEqual(matching);
        expect(await sortKeys({ prefix, descending: true })).toEqual(matching.reverse());
      },
    );

    test('gives at most as many items as asked for, and a cursor while there may be more', async () => {
      await fill();
      const { items, cursor } = await table.query({ partition: 'p', limit: 1, consistent: true });
      expect(items).toEqual([{ pk: 'p', sk: 'a' }]);
      expect(cursor).toEqual(expect.any(String));
      const all = await table.query({ partition: 'o', limit: 100, consistent: true });
      expect(all).toEqual({ items: [{ pk: 'o', sk: 'a' }] });
    });

    test('goes on behind the last item though that item is gone', async () => {
      await fill();
      const page = await table.query({ partition: 'p', limit: 1, consistent: true });
      await table.write({ delete: { pk: 'p', sk: 'a' } });
      expect(await sortKeys({ ...(page.cursor !== undefined && { cursor: page.cursor }) })).toEqual(
        SORT_KEYS.slice(1),
      );
    });

    test('gives pages of at most 1 MB', async () => {
      const items = Array.from({ length: 5 }, (_, at) => ({
        pk: 'p',
        sk: `${at}`,
        bytes: 'x'.repeat(300 * 1024),
      }));
      await put(items);
      const page = await table.query({ partition: 'p', limit: 100, consistent: true });
      expect(page.items.length).toBeLessThan(5);
      expect(page.cursor).toEqual(expect.any(String));
      expect(await allPages(table, { partition: 'p', limit: 100, consistent: true })).toEqual(items);
    });

    test('refuses a cursor of another partition, index or range, or one that nobody gave', async () => {
      await fill();
      await put([{ pk: 'p', sk: 'i', state: 'on', rank: 1 }]);
      const { cursor = '' } = await table.query({ partition: 'p', limit: 3, consistent: true });
      const ofIndex = await table.query({ index: 'byState', partition: 'on', limit: 1 });
      const query = { partition: 'p', limit: 1, cursor };
      for (const wrong of [
        { ...query, partition: 'o' },
        { ...query, index: 'byState' },
        { ...query, from: 'b' },
        { ...query, prefix: 'z' },
        { ...query, cursor: ofIndex.cursor ?? '' },
        { ...query, cursor: '' },
        { ...query, cursor: `${cursor.slice(0, -4)}AAAA` },
        { ...query, cursor: 'x'.repeat(100_000) },
        { ...query, cursor: Buffer.from('null').toString('base64url') },
        // Of the right make-up, with a key that no item can have.
        ...['', '\ud800'].map((sk) => ({ ...query, cursor: withLast(cursor, sk) })),
      ]) {
        await expect(table.query(wrong)).rejects.toThrow(RefusedError);
      }
    });

    test('shows in an index the items that have all of its keys, in order of its sort key', async () => {
      await put([
        { pk: 'a', sk: '1', state: 'on', rank: 10 },
        { pk: 'b', sk: '1', state: 'on', rank: -2.5 },
        { pk: 'c', sk: '1', state: 'on', rank: 9 },
        { pk: 'd', sk: '1', state: 'off', rank: 1 },
        { pk: 'e', sk: '1', state: 'on' },
        { pk: 'f', sk: '1', rank: 1 },
      ]);
      const query = { index: 'byState', partition: 'on', limit: 2 };
      const pks = async (more: Partial<Query>) =>
        (await allPages(table, { ...query, ...more })).map(({ pk }) => pk);
      expect(await pks({})).toEqual(['b', 'c', 'a']);
      expect(await pks({ descending: true })).toEqual(['a', 'c', 'b']);
      expect(await pks({ from: -2.5, to: 9 })).toEqual(['b', 'c']);
      expect(await pks({ from: 9.1 })).toEqual(['a']);
    });

    test('moves an item in an index, and out of it, as its keys change', async () => {
      await put([{ pk: 'a', sk: '1', state: 'on', rank: 1 }]);
      const query = { index: 'byState', partition: 'on', limit: 5 };
      await table.write({ update: { pk: 'a', sk: '1' }, add: { rank: 4 } });
      await opened.settle();
      expect(await allPages(table, { ...query, from: 5 })).toHaveLength(1);
      expect(await allPages(table, { ...query, to: 4 })).toHaveLength(0);
      await table.write({ update: { pk: 'a', sk: '1' }, remove: ['rank'] });
      await opened.settle();
      expect(await allPages(table, query)).toEqual([]);
      await table.write({ update: { pk: 'a', sk: '1' }, set: { rank: 1 } });
      await table.write({ delete: { pk: 'a', sk: '1' } });
      await opened.settle();
      expect(await allPages(table, query)).toEqual([]);
    });

    test('pages through items of an index that share one key', async () => {
      const items = Array.from({ length: 9 }, (_, at) => ({
        pk: `p${at % 4}`,
        sk: `${at}`,
        state: 'on',
        rank: 7,
      }));
      await put(items);
      const found = await allPages(table, { index: 'byState', partition: 'on', limit: 2 });
      expect(found).toHaveLength(9);
      expect(found).toEqual(expect.arrayContaining(items));
    });

    test('shows only keys in an index that projects only keys', async () => {
      const keys = { pk: 'a', sk: '1', owner: 'me', since: '2026' };
      await put([{ ...keys, more: 'unseen' }]);
      const query = { index: 'byOwner', partition: 'me', prefix: '20', limit: 5 };
      expect(await allPages(table, query)).toEqual([keys]);
    });

    test('refuses what no key range is', async () => {
      const query: Query = { partition: 'p', limit: 1 };
      for (const wrong of [
        { ...query, limit: 0 },
        { ...query, limit: 1.5 },
        { ...query, partition: '' },
        { ...query, partition: 1 },
        { ...query, from: 1 },
        { ...query, prefix: '' },
        { ...query, prefix: 'a', from: 'a' },
        { ...query, index: 'unknown' },
        { ...query, index: 'byState', from: 'a' },
        { ...query, index: 'byState', prefix: 'a' },
        { ...query, index: 'byState', consistent: true },
      ]) {
        await expect(table.query(wrong)).rejects.toThrow(RefusedError);
      }
    });
  });
}
