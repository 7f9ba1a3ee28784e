import { describe, expect, test } from '@jest/globals';
import type { Item } from '#shared/capabilities/table.ts';
import { openStore } from '../testing/open-store.ts';

describe('items that are kept in memory', () => {
  test('are what was handed in when they were written, whatever their caller does with them later', async () => {
    const opened = openStore();
    const table = opened.store.table({ name: 'things' });
    const tags = ['a'];
    await table.write({ put: { pk: 'p', sk: 's', tags } });
    tags.push('b');
    expect(await table.get([{ pk: 'p', sk: 's' }], { consistent: true })).toEqual([
      { pk: 'p', sk: 's', tags: ['a'] },
    ]);
    await opened.close();
  });

  test('are gone once they are deleted, and read again once they are written again', async () => {
    const opened = openStore();
    const table = opened.store.table({ name: 'things' });
    const key = { pk: 'p', sk: 's' };
    const read = async (): Promise<Item | undefined> => (await table.get([key], { consistent: true }))[0];
    await table.write({ put: { ...key, n: 1 } });
    expect(await read()).toMatchObject({ n: 1 });
    await table.write({ delete: key });
    expect(await read()).toBeUndefined();
    await table.write({ update: key, add: { n: 5 } });
    expect(await read()).toMatchObject({ n: 5 });
    await opened.close();
  });

  test('are found once they are there, by whoever had looked for them before', async () => {
    const opened = openStore();
    const table = opened.store.table({ name: 'things' });
    const [key, other] = [
      { pk: 'p', sk: 's' },
      { pk: 'p', sk: 't' },
    ];
    expect(await table.get([key, other], { consistent: true })).toEqual([undefined, undefined]);
    await table.write({ put: { ...key, n: 1 }, when: [{ attribute: 'n', is: 'absent' }] });
    await table.putAll([{ ...other, n: 2 }]);
    expect(await table.get([key, other], { consistent: true })).toEqual([
      { ...key, n: 1 },
      { ...other, n: 2 },
    ]);
    await opened.close();
  });

  test('make room for others, and are read from the file again', async () => {
    const opened = openStore();
    const table = opened.store.table({ name: 'things' });
    // Together more than both generations hold.
    const pad = 'x'.repeat(300_000);
    const keys = Array.from({ length: 80 }, (_, at) => ({ pk: 'p', sk: `s${at}` }));
    for (const [at, key] of keys.entries()) await table.write({ put: { ...key, at, pad } });
    const items = await table.get(keys, { consistent: true });
    expect(items.map((item) => item?.at)).toEqual(keys.map((_, at) => at));
    await opened.close();
  });
});
