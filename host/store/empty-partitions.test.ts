import { describe, expect, test } from '@jest/globals';
import { openStore } from '../testing/open-store.ts';

describe('a partition that was found empty', () => {
  const page = { partition: 'p', limit: 10, consistent: true };

  test.each([
    ['one write', { write: 'alone' }],
    ['a transaction', { write: 'together' }],
    ['a batch of puts', { write: 'batch' }],
  ] as const)('shows what %s has put there since', async (_name, { write }) => {
    const opened = openStore();
    const table = opened.store.table({ name: 'things' });
    expect(await table.query(page)).toEqual({ items: [] });
    const put = { pk: 'p', sk: 's' };
    if (write === 'alone') await table.write({ put });
    else if (write === 'together') await table.transact([{ put }], { token: 'once' });
    else await table.putAll([put]);
    expect(await table.query(page)).toEqual({ items: [put] });
    await opened.close();
  });

  test('is empty again once the last item has gone', async () => {
    const opened = openStore();
    const table = opened.store.table({ name: 'things' });
    const key = { pk: 'p', sk: 's' };
    await table.query(page);
    await table.write({ put: key });
    await table.write({ delete: key });
    expect(await table.query(page)).toEqual({ items: [] });
    await table.write({ update: key, add: { n: 1 } });
    expect(await table.query(page)).toEqual({ items: [{ ...key, n: 1 }] });
    await opened.close();
  });

  test('is no other than the one asked for, and none where only a part of it was looked at', async () => {
    const opened = openStore();
    const table = opened.store.table({ name: 'things' });
    const [here, there] = [
      { pk: 'p', sk: 'b' },
      { pk: 'q', sk: 'a' },
    ];
    await table.putAll([here, there]);
    expect(await table.query({ ...page, prefix: 'a' })).toEqual({ items: [] });
    expect(await table.query({ ...page, partition: 'r' })).toEqual({ items: [] });
    expect(await table.query(page)).toEqual({ items: [here] });
    expect(await table.query({ ...page, partition: 'q' })).toEqual({ items: [there] });
    await opened.close();
  });

  test('still refuses what no partition takes', async () => {
    const opened = openStore();
    const table = opened.store.table({ name: 'things' });
    await table.query(page);
    await expect(table.query({ ...page, limit: 0 })).rejects.toThrow('limit');
    await expect(table.query({ ...page, cursor: 'none' })).rejects.toThrow('cursor');
    await opened.close();
  });
});
