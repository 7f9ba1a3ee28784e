import { expect, test } from '@jest/globals';
import { openStore } from '../testing/open-store.ts';
import type { EmbeddedStore } from './embedded-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

function openTable(store: EmbeddedStore) {
  const table = store.table({ name: 'rollouts', stream: true });
  if (table.changes === undefined) throw new Error('the table has no stream');
  return { table, changes: table.changes };
}

async function opened(writes: number) {
  const store = openStore();
  const { table, changes } = openTable(store.store);
  for (let at = 1; at <= writes; at++) await table.write({ put: { pk: 'p', sk: `${at}` } });
  return { world: store.world, reopen: store.reopen, close: store.close, table, changes };
}

test('reads on from a position, page by page, in order', async () => {
  const { changes, close } = await opened(5);
  expect(changes.read(0, 3).map(({ keys }) => keys.sk)).toEqual(['1', '2', '3']);
  const position = changes.read(0, 3).at(-1)?.sequence ?? 0;
  expect(changes.read(position, 3).map(({ keys }) => keys.sk)).toEqual(['4', '5']);
  expect(changes.read(changes.last, 3)).toEqual([]);
  await close();
});

test('keeps the position of each consumer, and goes on with the sequence, through a restart', async () => {
  const store = await opened(3);
  await store.changes.join('relay', 'TRIM_HORIZON');
  await store.changes.join('other', 'TRIM_HORIZON');
  await store.changes.checkpoint('relay', 2);
  await store.changes.checkpoint('other', 3);
  const { table, changes } = openTable(store.reopen());
  expect(await changes.join('relay', 'LATEST')).toBe(2);
  expect(await changes.join('other', 'TRIM_HORIZON')).toBe(3);
  await table.write({ put: { pk: 'p', sk: 'next' } });
  expect(changes.read(2, 10).map(({ sequence }) => sequence)).toEqual([3, 4]);
  await store.close();
});

test('removes what all consumers have passed, and never uses a sequence twice', async () => {
  const store = await opened(4);
  await store.changes.join('slow', 'TRIM_HORIZON');
  await store.changes.checkpoint('fast', 4);
  expect(store.changes.read(0, 10)).toHaveLength(4);
  await store.changes.checkpoint('slow', 2);
  expect(store.changes.read(0, 10).map(({ sequence }) => sequence)).toEqual([3, 4]);
  await store.changes.checkpoint('slow', 4);
  const { table, changes } = openTable(store.reopen());
  await table.write({ put: { pk: 'p', sk: 'next' } });
  expect(changes.read(4, 10).map(({ sequence }) => sequence)).toEqual([5]);
  await store.close();
});

test('lets a new consumer begin with the oldest change or after the latest', async () => {
  const { changes, close } = await opened(3);
  expect(await changes.join('all', 'TRIM_HORIZON')).toBe(0);
  expect(await changes.join('new', 'LATEST')).toBe(3);
  await close();
});

test('removes what is older than a day though nobody has read it', async () => {
  const { table, changes, world, close } = await opened(3);
  await world.advance(DAY_MS - 60_000);
  await table.write({ put: { pk: 'p', sk: 'young' } });
  await world.advance(10 * 60_000);
  expect(changes.read(0, 10).map(({ keys }) => keys.sk)).toEqual(['young']);
  await close();
});

test('tells once a commit that there are changes, and nothing when there are none', async () => {
  const { table, changes, close } = await opened(0);
  let told = 0;
  const stop = changes.onChange(() => {
    told += 1;
  });
  await Promise.all([1, 2, 3].map((at) => table.write({ put: { pk: 'p', sk: `${at}` } })));
  expect(told).toBe(1);
  await table.write({ put: { pk: 'p', sk: '1' } });
  expect(told).toBe(1);
  stop();
  await table.write({ delete: { pk: 'p', sk: '1' } });
  expect(told).toBe(1);
  await close();
});

test('keeps only what is wanted, where every consumer filters', async () => {
  const { table, changes, close } = await opened(0);
  changes.keepOnly(({ keys, before }) => keys.sk.startsWith('outbox#') && before === undefined);
  await table.putAll([
    { pk: 'p', sk: 'outbox#1' },
    { pk: 'p', sk: 'row' },
  ]);
  await table.write({ update: { pk: 'p', sk: 'outbox#1' }, add: { n: 1 } });
  expect(changes.read(0, 10).map(({ keys }) => keys.sk)).toEqual(['outbox#1']);
  await close();
});
