import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import { CONDITIONS_LIMIT } from '../limits/conditions.ts';
import { CHANGES_LIMIT } from '../limits/write-plan.ts';
import type { Item, Table, Value, Write } from '../table.ts';
import { itemAt, type OpenTable } from './table-subject.ts';

const KEY = { pk: 'p', sk: 's' };

function nested(depth: number): Value {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

/** What DynamoDB would not store. */
export function describeTableLimits(open: () => Promise<OpenTable>): void {
  describe('refusing what DynamoDB would refuse', () => {
    let opened: OpenTable;
    let table: Table;
    beforeEach(async () => {
      opened = await open();
      table = opened.table;
    });
    afterEach(() => opened.close());

    test.each<[string, unknown, unknown]>([
      ['an empty pk', '', 's'],
      ['an empty sk', 'p', ''],
      ['no sk', 'p', undefined],
      ['a number as pk', 1, 's'],
      ['a pk over 2,048 bytes', 'p'.repeat(2_049), 's'],
      ['an sk over 1,024 bytes', 'p', 'ä'.repeat(513)],
      ['half a surrogate pair', '\ud800', 's'],
    ])('refuses %s', async (_, pk, sk) => {
      // A caller without types could pass such a key.
      const key = { pk, sk } as typeof KEY;
      await expect(table.write({ put: key })).rejects.toThrow(RefusedError);
      await expect(table.write({ update: key })).rejects.toThrow(RefusedError);
      await expect(table.write({ delete: key })).rejects.toThrow(RefusedError);
      await expect(table.get([key], { consistent: true })).rejects.toThrow(RefusedError);
    });

    test('takes the longest keys', async () => {
      const key = { pk: 'ä'.repeat(1_024), sk: 's'.repeat(1_024) };
      await table.write({ put: key });
      expect(await itemAt(table, key.pk, key.sk)).toEqual(key);
    });

    test('takes as many conditions and changes as fit into an expression, and refuses more', async () => {
      const many = (count: number) => Array.from({ length: count }, (_, at) => `a-rather-long-name-${at}`);
      const set = Object.fromEntries(many(CHANGES_LIMIT).map((name) => [name, 1]));
      const when = many(CONDITIONS_LIMIT).map((attribute) => ({ attribute, is: '>=', value: 1 }) as const);
      await table.write({ update: KEY, set });
      expect(await table.write({ update: KEY, set, when })).toMatchObject({ outcome: 'written' });
      const tooMany: Write[] = [
        { update: KEY, set: { ...set, more: 1 } },
        { update: KEY, set: { a: 1 }, when: [...when, { attribute: 'more', is: 'absent' }] },
      ];
      for (const write of tooMany) await expect(table.write(write)).rejects.toThrow(RefusedError);
    });

    test('takes an item of just below 400 KB and refuses a larger one, however it comes about', async () => {
      const text = 'ä'.repeat(100 * 1024 - 20);
      const item = { ...KEY, a: text, b: text };
      await table.write({ put: item });
      const larger: Write[] = [
        { put: { ...item, c: 'x'.repeat(100) } },
        { update: KEY, set: { c: 'x'.repeat(100) } },
      ];
      for (const write of larger) await expect(table.write(write)).rejects.toThrow(RefusedError);
      expect(await itemAt(table, 'p', 's')).toEqual(item);
    });

    test.each<[string, unknown]>([
      ['NaN', Number.NaN],
      ['infinity', Number.POSITIVE_INFINITY],
      ['a number of 1e126', -1e126],
      ['a number of 1e-131', 1e-131],
      ['a date', new Date(0)],
      ['a function', () => 1],
      ['a bigint', 1n],
      ['undefined within a list', [undefined]],
      ['NaN deep inside', { a: [{ b: Number.NaN }] }],
      ['nesting of 32 lists', nested(32)],
    ])('refuses %s as a value', async (_, value) => {
      // A caller without types could pass such a value.
      const item = { ...KEY, value } as Item;
      await expect(table.write({ put: item })).rejects.toThrow(RefusedError);
      await expect(table.write({ update: KEY, set: { value: item.value ?? null } })).rejects.toThrow(
        RefusedError,
      );
      await expect(table.putAll([item])).rejects.toThrow(RefusedError);
      expect(await itemAt(table, 'p', 's')).toBeUndefined();
    });

    test('takes nesting of 31 lists, and the largest and smallest numbers', async () => {
      const item = { ...KEY, deep: nested(31), large: -9.99e125, small: 1e-130 };
      await table.write({ put: item });
      expect(await itemAt(table, 'p', 's')).toEqual(item);
    });

    test.each<[string, Write]>([
      ['sets a part of the key', { update: KEY, set: { sk: 'other' } }],
      ['removes a part of the key', { update: KEY, remove: ['pk'] }],
      ['sets and adds to one attribute', { update: KEY, set: { a: 1 }, add: { a: 1 } }],
      ['removes one attribute twice', { update: KEY, remove: ['a', 'a'] }],
      ['adds NaN', { update: KEY, add: { a: Number.NaN } }],
      ['has an attribute without a name', { update: KEY, set: { '': 1 } }],
    ])('refuses an update that %s', async (_, write) => {
      await expect(table.write(write)).rejects.toThrow(RefusedError);
    });

    test.each<[string, Item]>([
      ['a text where the index has a number', { ...KEY, state: 'on', rank: '1' }],
      ['null', { ...KEY, state: null }],
      ['an empty text', { ...KEY, state: '' }],
      ['a text over 1,024 bytes as its sort key', { ...KEY, since: 'x'.repeat(1_025) }],
    ])('refuses %s as the key of an index', async (_, item) => {
      await expect(table.write({ put: item })).rejects.toThrow(RefusedError);
      await expect(table.transact([{ put: item }], { token: 't' })).rejects.toThrow(RefusedError);
      expect(await itemAt(table, 'p', 's')).toBeUndefined();
    });

    test('refuses one item twice in a batch', async () => {
      await expect(table.putAll([KEY, { ...KEY, a: 1 }])).rejects.toThrow(RefusedError);
    });
  });
}
