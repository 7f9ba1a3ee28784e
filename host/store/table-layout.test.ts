import { expect, test } from '@jest/globals';
import { allPages, itemAt } from '#shared/capabilities/conformance/table-subject.ts';
import { ConfigurationError, RefusedError } from '#shared/errors/errors.ts';
import { openStore } from '../testing/open-store.ts';
import type { TableDefinition } from './table-definition.ts';

const string = (attribute: string) => ({ attribute, type: 'string' }) as const;
const number = (attribute: string) => ({ attribute, type: 'number' }) as const;
const plain: TableDefinition = { name: 'devices' };
const indexed: TableDefinition = {
  name: 'devices',
  indexes: { byState: { partition: string('state'), sort: number('rank') } },
};
const item = (sk: string, state: string, rank: unknown) => ({ pk: 'p', sk, state, rank: rank as number });
const inState = (state: string) => ({ index: 'byState', partition: state, limit: 100 });

test('keeps items through a restart', async () => {
  const opened = openStore();
  await opened.store.table(plain).write({ put: { pk: 'p', sk: 's', a: [1] } });
  expect(await itemAt(opened.reopen().table(plain), 'p', 's')).toEqual({ pk: 'p', sk: 's', a: [1] });
  await opened.close();
});

test('fills a new index from the items that have its keys with the right types', async () => {
  const opened = openStore();
  await opened.store.table(plain).putAll([item('1', 'on', 5), item('2', 'on', 'text'), item('3', 'off', 1)]);
  const table = opened.reopen().table(indexed);
  expect(await allPages(table, inState('on'))).toEqual([item('1', 'on', 5)]);
  await opened.close();
});

test('makes an index anew when its keys are declared otherwise', async () => {
  const opened = openStore();
  await opened.store.table(indexed).putAll([item('1', 'on', 2), item('2', 'on', 1)]);
  const table = opened.reopen().table({
    name: 'devices',
    indexes: { byState: { partition: string('state'), sort: string('sk') } },
  });
  expect(await allPages(table, { ...inState('on'), from: '2' })).toEqual([item('2', 'on', 1)]);
  await opened.close();
});

test('does not show in an index that comes back what has changed while it was not declared', async () => {
  const opened = openStore();
  await opened.store.table(indexed).write({ put: item('1', 'on', 1) });
  await opened
    .reopen()
    .table(plain)
    .write({ put: item('1', 'off', 1) });
  const table = opened.reopen().table(indexed);
  expect(await allPages(table, inState('on'))).toEqual([]);
  expect(await allPages(table, inState('off'))).toHaveLength(1);
  await opened.close();
});

test('keeps the tables of one store apart', async () => {
  const { store, close } = openStore();
  const [a, b] = [store.table({ name: 'a' }), store.table({ name: 'b' })];
  await a.write({ put: { pk: 'p', sk: 's' } });
  expect(await itemAt(b, 'p', 's')).toBeUndefined();
  const { cursor = '' } = await a.query({ partition: 'p', limit: 1 });
  await expect(b.query({ partition: 'p', limit: 1, cursor })).rejects.toThrow(RefusedError);
  await close();
});

test('refuses a token that was used on another table', async () => {
  const { store, close } = openStore();
  const writes = [{ put: { pk: 'p', sk: 's' } }];
  await store.table({ name: 'a' }).transact(writes, { token: 't' });
  await expect(store.table({ name: 'b' }).transact(writes, { token: 't' })).rejects.toThrow(RefusedError);
  await close();
});

test('knows a token through a restart', async () => {
  const opened = openStore();
  const writes = [{ update: { pk: 'p', sk: 's' }, add: { n: 1 } }];
  await opened.store.table(plain).transact(writes, { token: 't' });
  const table = opened.reopen().table(plain);
  await table.transact(writes, { token: 't' });
  expect(await itemAt(table, 'p', 's')).toMatchObject({ n: 1 });
  await opened.close();
});

test('refuses to open one name twice, names that differ in case only, and names that sqlite could misread', async () => {
  const { store, close } = openStore();
  store.table(plain);
  for (const name of ['devices', 'Devices', '', 'a b', 'a"b', 'a:b', 'x'.repeat(256)]) {
    expect(() => store.table({ name })).toThrow(ConfigurationError);
  }
  await close();
});

test('removes expired items, late, and tells so on the change stream', async () => {
  const { store, world, close } = openStore();
  const table = store.table({ name: 'devices', expiresBy: 'expiresAt', stream: true });
  const nowSeconds = world.now() / 1000;
  const expiring = (sk: string, expiresAt: unknown) => ({ pk: 'p', sk, expiresAt: expiresAt as number });
  const kept = [
    expiring('later', nowSeconds + 3600),
    expiring('text', `${nowSeconds}`),
    expiring('milliseconds', nowSeconds * 1000),
    expiring('six years ago', nowSeconds - 6 * 365 * 86_400),
    { pk: 'p', sk: 'never' },
  ];
  const due = Array.from({ length: 1_200 }, (_, at) => expiring(`due ${at}`, nowSeconds + 1));
  await table.putAll([...kept, ...due]);
  await world.advance(2_000);
  expect(await itemAt(table, 'p', 'due 0')).toBeDefined();
  await world.advance(5 * 60_000);
  const left = await allPages(table, { partition: 'p', limit: 1_000 });
  expect(left.map(({ sk }) => sk)).toEqual(kept.map(({ sk }) => sk).toSorted());
  expect(table.changes?.read(kept.length + due.length, 10_000)).toHaveLength(due.length);
  await close();
});

test('does not remove an item whose expiry was moved or taken away', async () => {
  const { store, world, close } = openStore();
  const table = store.table({ name: 'devices', expiresBy: 'expiresAt' });
  const expiresAt = world.now() / 1000 + 1;
  await table.putAll([
    { pk: 'p', sk: '1', expiresAt },
    { pk: 'p', sk: '2', expiresAt },
  ]);
  await table.write({ update: { pk: 'p', sk: '1' }, add: { expiresAt: 3600 } });
  await table.write({ update: { pk: 'p', sk: '2' }, remove: ['expiresAt'] });
  await world.advance(10 * 60_000);
  expect(await allPages(table, { partition: 'p', limit: 10 })).toHaveLength(2);
  await close();
});
