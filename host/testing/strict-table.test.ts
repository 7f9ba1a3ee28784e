import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeTable } from '#shared/capabilities/conformance/table.suite.ts';
import {
  allPages,
  CONFORMANCE_TABLE,
  itemAt,
  putItems,
} from '#shared/capabilities/conformance/table-subject.ts';
import { ConflictError, RefusedError } from '#shared/errors/errors.ts';
import type { EmbeddedTable } from '../store/embedded-table.ts';
import { type OpenStore, openStore } from './open-store.ts';
import { strictTable } from './strict-table.ts';

describeTable('A strict table', async () => {
  const { store, world, close } = openStore();
  const table = strictTable(store.table(CONFORMANCE_TABLE), { world, staleRate: 1 });
  return { table, settle: () => world.advance(1_000), close };
});

describe('a strict table', () => {
  const KEY = { pk: 'p', sk: 's' };
  const count = (sk: string) => ({ update: { pk: 'p', sk }, add: { n: 1 } });
  let opened: OpenStore;
  let inner: EmbeddedTable;
  beforeEach(() => {
    opened = openStore();
    inner = opened.store.table(CONFORMANCE_TABLE);
  });
  afterEach(() => opened.close());

  test('lets one of two transactions on an item win when they overlap in time', async () => {
    const table = strictTable(inner, { world: opened.world });
    const first = table.transact([count('a'), count('b')], { token: '1' });
    await expect(table.transact([count('b'), count('c')], { token: '2' })).rejects.toThrow(ConflictError);
    expect(await first).toEqual({ outcome: 'written' });
    expect(await table.transact([count('b'), count('c')], { token: '2' })).toEqual({ outcome: 'written' });
    expect(await itemAt(table, 'p', 'b')).toMatchObject({ n: 2 });
  });

  test('lets a transaction and a plain write conflict, whichever comes first', async () => {
    const table = strictTable(inner, { world: opened.world });
    const transaction = table.transact([count('a')], { token: '1' });
    await expect(table.write(count('a'))).rejects.toThrow(ConflictError);
    expect(await table.putAll([{ pk: 'p', sk: 'a' }])).toEqual({ unprocessed: [{ pk: 'p', sk: 'a' }] });
    await transaction;
    const write = table.write(count('a'));
    await expect(table.transact([count('a')], { token: '2' })).rejects.toThrow(ConflictError);
    await write;
    expect(await itemAt(table, 'p', 'a')).toMatchObject({ n: 2 });
  });

  test('lets nothing conflict that is on other items or only plain, nor after a refusal', async () => {
    const table = strictTable(inner, { world: opened.world });
    await Promise.all([
      table.transact([count('a')], { token: '1' }),
      table.transact([count('b')], { token: '2' }),
      table.write(count('c')),
      table.write(count('c')),
    ]);
    await expect(table.transact([count('d'), count('d')], { token: '3' })).rejects.toThrow(RefusedError);
    await table.transact([count('d')], { token: '3' });
  });

  test('reads what is up to a second old where eventual reads are asked for, and never older', async () => {
    const table = strictTable(inner, { world: opened.world, staleRate: 1 });
    const query = { index: 'byState', partition: 'on', limit: 3 };
    await table.write({ put: { ...KEY, state: 'on', rank: 1 } });
    expect(await table.get([KEY], { consistent: false })).toEqual([undefined]);
    expect(await allPages(table, { partition: 'p', limit: 3 })).toEqual([]);
    expect(await allPages(table, query)).toEqual([]);
    expect(await itemAt(table, 'p', 's')).toBeDefined();
    expect(await allPages(table, { partition: 'p', limit: 3, consistent: true })).toHaveLength(1);
    await opened.world.advance(1_000);
    expect(await table.get([KEY], { consistent: false })).toEqual([expect.objectContaining(KEY)]);
    expect(await allPages(table, query)).toHaveLength(1);
  });

  test('sees late what others write, and what was there before', async () => {
    await inner.write({ put: KEY });
    const table = strictTable(inner, { world: opened.world, staleRate: 1 });
    expect(await table.get([KEY], { consistent: false })).toEqual([KEY]);
    await inner.write({ delete: KEY });
    expect(await table.get([KEY], { consistent: false })).toEqual([KEY]);
    await opened.world.advance(1_000);
    expect(await table.get([KEY], { consistent: false })).toEqual([undefined]);
  });

  test('gives small pages, and leaves batches half done', async () => {
    const table = strictTable(inner, { world: opened.world, unprocessedRate: 0.5, pageItems: 2 });
    const items = Array.from({ length: 20 }, (_, at) => ({ pk: 'p', sk: `${at}` }));
    const { unprocessed } = await table.putAll(items);
    expect(unprocessed.length).toBeGreaterThan(0);
    expect(unprocessed.length).toBeLessThan(20);
    await putItems(table, unprocessed);
    const page = await table.query({ partition: 'p', limit: 100, consistent: true });
    expect(page.items).toHaveLength(2);
    expect(await allPages(table, { partition: 'p', limit: 100, consistent: true })).toHaveLength(20);
  });

  test('does the same for the same seed', async () => {
    const run = async () => {
      const { store, world, close } = openStore('a seed');
      const table = strictTable(store.table(CONFORMANCE_TABLE), { world });
      const seen: unknown[] = [];
      for (let at = 0; at < 50; at++) {
        seen.push(await table.putAll([{ ...KEY, at }]), await table.get([KEY], { consistent: false }));
        await world.advance(100);
      }
      await close();
      return seen;
    };
    const first = await run();
    expect(await run()).toEqual(first);
    expect(new Set(first.map((one) => JSON.stringify(one))).size).toBeGreaterThan(10);
  });
});
