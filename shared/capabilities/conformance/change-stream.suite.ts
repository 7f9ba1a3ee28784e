import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OpenStreamedTable } from './table-subject.ts';

/** What a table's change stream must tell; `open` opens a table declared as `CONFORMANCE_TABLE`. */
export function describeChangeStream(name: string, open: () => Promise<OpenStreamedTable>): void {
  describe(`${name} telling its changes`, () => {
    const keys = { pk: 'p', sk: 's' };
    let opened: OpenStreamedTable;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    test('tells each change of an item in order, with what it was before and is after', async () => {
      const { table } = opened;
      await table.write({ put: { ...keys, n: 1 } });
      await table.write({ update: keys, add: { n: 1 } });
      await table.transact([{ update: keys, set: { a: 'x' } }], { token: 't' });
      await table.putAll([{ ...keys, n: 9 }]);
      await table.write({ delete: keys });
      expect(await opened.changes()).toEqual([
        { keys, after: { ...keys, n: 1 } },
        { keys, before: { ...keys, n: 1 }, after: { ...keys, n: 2 } },
        { keys, before: { ...keys, n: 2 }, after: { ...keys, n: 2, a: 'x' } },
        { keys, before: { ...keys, n: 2, a: 'x' }, after: { ...keys, n: 9 } },
        { keys, before: { ...keys, n: 9 } },
      ]);
    });

    test('tells nothing of what was refused, repeated, only checked, or changed nothing', async () => {
      const { table } = opened;
      await table.write({ put: keys });
      await table.write({ put: keys });
      await table.write({ update: keys, remove: ['none'] });
      await table.write({ delete: { pk: 'p', sk: 'none' } });
      await table.write({ put: { ...keys, n: 1 }, when: [{ attribute: 'pk', is: 'absent' }] });
      const other = { put: { pk: 'p', sk: 'other' } };
      const check = { check: keys, when: [{ attribute: 'pk', is: '=', value: 'p' }] } as const;
      await table.transact([other, check], { token: 't' });
      await table.transact([other, check], { token: 't' });
      expect(await opened.changes()).toEqual([
        { keys, after: keys },
        { keys: { pk: 'p', sk: 'other' }, after: { pk: 'p', sk: 'other' } },
      ]);
    });
  });
}
