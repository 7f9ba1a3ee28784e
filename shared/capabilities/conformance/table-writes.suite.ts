import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Condition, Table } from '../table.ts';
import { itemAt, type OpenTable, putItems } from './table-subject.ts';

const KEY = { pk: 'device', sk: 'one' };

/** Single writes, conditions and batch puts. */
export function describeTableWrites(open: () => Promise<OpenTable>): void {
  describe('writing', () => {
    let opened: OpenTable;
    let table: Table;
    beforeEach(async () => {
      opened = await open();
      table = opened.table;
    });
    afterEach(() => opened.close());

    test('gives back an item exactly as it was put', async () => {
      const item = {
        ...KEY,
        text: 'ä\u{1F6A2}"\\\u0000',
        number: -1.25e-7,
        yes: true,
        nothing: null,
        list: [1, 'two', [], {}],
        map: { inner: { deep: [null, false] }, '': 0 },
      };
      expect(await table.write({ put: item })).toEqual({ outcome: 'written', item });
      expect(await itemAt(table, 'device', 'one')).toEqual(item);
    });

    test('replaces the whole item by a put', async () => {
      await table.write({ put: { ...KEY, a: 1, b: 2 } });
      await table.write({ put: { ...KEY, a: 3 } });
      expect(await itemAt(table, 'device', 'one')).toEqual({ ...KEY, a: 3 });
    });

    test('gets items in the order asked, with nothing for keys that are absent and twice for keys asked twice', async () => {
      const two = { pk: 'device', sk: 'two' };
      await putItems(table, [KEY, two]);
      const keys = [two, { pk: 'device', sk: 'none' }, KEY, two];
      expect(await table.get(keys, { consistent: true })).toEqual([two, undefined, KEY, two]);
    });

    test('gets more keys at once than fit in one request', async () => {
      const items = Array.from({ length: 230 }, (_, at) => ({ pk: `p${at}`, sk: 's', at }));
      await putItems(table, items);
      expect(await table.get(items, { consistent: true })).toEqual(items);
      expect(await table.get([], { consistent: true })).toEqual([]);
    });

    test('sets, adds and removes in one update, and answers the item after it', async () => {
      await table.write({ put: { ...KEY, name: 'old', count: 2, gone: 1, kept: [1] } });
      const item = { ...KEY, name: 'new', count: 5, fresh: -1, kept: [1] };
      const result = await table.write({
        update: KEY,
        set: { name: 'new' },
        add: { count: 3, fresh: -1 },
        remove: ['gone', 'never'],
      });
      expect(result).toEqual({ outcome: 'written', item });
      expect(await itemAt(table, 'device', 'one')).toEqual(item);
    });

    test('makes an absent item by an update, even by one that changes nothing', async () => {
      expect(await table.write({ update: KEY })).toEqual({ outcome: 'written', item: KEY });
      await table.write({ update: { pk: 'device', sk: 'two' }, add: { count: 1 } });
      expect(await itemAt(table, 'device', 'two')).toEqual({ pk: 'device', sk: 'two', count: 1 });
    });

    test('adds up what concurrent updates add', async () => {
      await Promise.all(
        Array.from({ length: 50 }, (_, at) => table.write({ update: KEY, add: { sum: at } })),
      );
      expect(await itemAt(table, 'device', 'one')).toEqual({ ...KEY, sum: 1225 });
    });

    test.each([['text'], [null], [[1]], [true]])('refuses to add a number to %j', async (held) => {
      await table.write({ put: { ...KEY, held } });
      await expect(table.write({ update: KEY, add: { held: 1 } })).rejects.toThrow(RefusedError);
      expect(await itemAt(table, 'device', 'one')).toEqual({ ...KEY, held });
    });

    test('deletes an item, and finds nothing wrong in deleting what is absent', async () => {
      await table.write({ put: KEY });
      expect(await table.write({ delete: KEY })).toEqual({ outcome: 'written' });
      expect(await table.write({ delete: KEY })).toEqual({ outcome: 'written' });
      expect(await itemAt(table, 'device', 'one')).toBeUndefined();
    });

    const item = { ...KEY, n: 5, s: 'm\uffff', b: true, nil: null, list: [5] };
    test.each<[boolean, Condition]>([
      [true, { attribute: 'none', is: 'absent' }],
      [false, { attribute: 'n', is: 'absent' }],
      [false, { attribute: 'nil', is: 'absent' }],
      [false, { attribute: 'pk', is: 'absent' }],
      [true, { attribute: 'n', is: '=', value: 5 }],
      [false, { attribute: 'n', is: '=', value: '5' }],
      [true, { attribute: 'b', is: '=', value: true }],
      [false, { attribute: 'b', is: '=', value: 1 }],
      [true, { attribute: 'n', is: '<=', value: 5 }],
      [false, { attribute: 'n', is: '<=', value: 4.9 }],
      [true, { attribute: 'n', is: '>=', value: 5 }],
      [false, { attribute: 'n', is: '>=', value: '1' }],
      [true, { attribute: 's', is: '>=', value: 'm' }],
      [false, { attribute: 's', is: '<=', value: 'm' }],
      [true, { attribute: 's', is: '<=', value: 'm\u{1F6A2}' }],
      [false, { attribute: 's', is: '>=', value: 'm\u{1F6A2}' }],
      [false, { attribute: 'none', is: '=', value: 0 }],
      [false, { attribute: 'none', is: '<=', value: 0 }],
      [false, { attribute: 'none', is: '>=', value: 0 }],
      [false, { attribute: 'list', is: '=', value: 5 }],
      [false, { attribute: 'toString', is: '>=', value: '' }],
    ])('answers %s to the condition %j', async (holds, condition) => {
      await table.write({ put: item });
      const result = await table.write({ update: KEY, set: { n: 6 }, when: [condition] });
      expect(result.outcome).toBe(holds ? 'written' : 'refused');
      expect(await itemAt(table, 'device', 'one')).toEqual(holds ? { ...item, n: 6 } : item);
    });

    test('refuses with the item it found, or none, and writes nothing unless all conditions hold', async () => {
      const when: Condition[] = [
        { attribute: 'n', is: '=', value: 5 },
        { attribute: 'n', is: '>=', value: 6 },
      ];
      expect(await table.write({ put: KEY, when })).toEqual({ outcome: 'refused' });
      expect(await itemAt(table, 'device', 'one')).toBeUndefined();
      await table.write({ put: item });
      for (const write of [{ put: KEY }, { delete: KEY }, { update: KEY, set: { n: 1 } }]) {
        expect(await table.write({ ...write, when })).toEqual({ outcome: 'refused', item });
      }
      expect(await itemAt(table, 'device', 'one')).toEqual(item);
    });

    test('lets one of many concurrent first writers win', async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          table.write({ put: { ...KEY, at }, when: [{ attribute: 'pk', is: 'absent' }] }),
        ),
      );
      expect(results.filter(({ outcome }) => outcome === 'written')).toHaveLength(1);
    });

    test('refuses to compare the order of booleans', async () => {
      const when: Condition[] = [{ attribute: 'b', is: '<=', value: true }];
      await expect(table.write({ put: KEY, when })).rejects.toThrow(RefusedError);
    });
  });
}
