import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allPages, CONFORMANCE_TABLE } from '#shared/capabilities/conformance/table-subject.ts';
import { keyOf } from '#shared/capabilities/key-of.ts';
import type { Condition, Item, TransactWrite } from '#shared/capabilities/table.ts';
import { ModelTable } from '../testing/model-table.ts';
import { TurningWorld } from '../testing/turning-world.ts';
import { EmbeddedStore } from './embedded-store.ts';

const PARTITIONS = ['p', 'q'];
const STATES = ['on', 'off'];
// Two that UTF-16 would order the other way round.
const SORT_KEYS = ['a', 'a#1', '\u{ffff}', '\u{1F6A2}'];

const key = fc.record({ pk: fc.constantFrom(...PARTITIONS), sk: fc.constantFrom(...SORT_KEYS) });
const number = fc.constantFrom(-1, 0, 0.5, 2);
const json = fc
  .object({ values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)], maxDepth: 3 })
  // fast-check types what it makes as unknown.
  .map((value) => value as Item);
const attributes = fc.record(
  { state: fc.constantFrom(...STATES), rank: number, n: number, any: json },
  { requiredKeys: [] },
);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ attribute: fc.constantFrom('pk', 'state', 'n'), is: fc.constant('absent' as const) }),
  fc.record({
    attribute: fc.constantFrom('sk', 'state', 'n', 'any'),
    is: fc.constantFrom('=' as const, '<=' as const, '>=' as const),
    value: fc.oneof(number, fc.constantFrom(...SORT_KEYS, ...STATES)),
  }),
);
const when = fc.array(condition, { maxLength: 2 });
const write: fc.Arbitrary<TransactWrite> = fc.oneof(
  fc.record({ put: fc.tuple(key, attributes).map(([k, a]) => ({ ...a, ...k }) as Item), when }),
  fc.record({
    update: key,
    set: attributes.map(({ n: _, rank: __, ...set }) => set as Item),
    add: fc.record({ n: number }),
    when,
  }),
  fc.record({
    update: key,
    add: fc.record({ rank: number }),
    remove: fc.constantFrom(['n'], ['state', 'any']),
    when,
  }),
  fc.record({ delete: key, when }),
  fc.record({ check: key, when: fc.array(condition, { minLength: 1, maxLength: 2 }) }),
);
const keyText = (one: TransactWrite) => {
  const { pk, sk } = keyOf(one);
  return `${pk} ${sk}`;
};
const transaction = fc.uniqueArray(write, { selector: keyText, minLength: 1, maxLength: 5 });

const byBytes = (a: unknown, b: unknown) => Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));

async function expectSame(
  store: { table: ReturnType<EmbeddedStore['table']> },
  model: ModelTable,
): Promise<void> {
  for (const partition of PARTITIONS) {
    const expected = model.items.filter(({ pk }) => pk === partition).sort((a, b) => byBytes(a.sk, b.sk));
    expect(await allPages(store.table, { partition, limit: 3 })).toEqual(expected);
    expect(await allPages(store.table, { partition, limit: 2, descending: true })).toEqual(
      expected.toReversed(),
    );
  }
  for (const partition of STATES) {
    const expected = model.items
      .filter(({ state, rank }) => state === partition && rank !== undefined)
      .sort((a, b) => Number(a.rank) - Number(b.rank) || byBytes(a.pk, b.pk) || byBytes(a.sk, b.sk));
    expect(await allPages(store.table, { index: 'byState', partition, limit: 2 })).toEqual(expected);
  }
}

test('answers and holds, after any writes, what a plain model of a table does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(transaction, { maxLength: 25 }), async (transactions) => {
      const world = new TurningWorld();
      const store = new EmbeddedStore({ world, onFatal: (error) => expect(error).toBeUndefined() });
      const table = store.table(CONFORMANCE_TABLE);
      const model = new ModelTable();
      for (const [at, writes] of transactions.entries()) {
        const failed = model.transact(writes);
        const [only] = writes;
        const isSingle = writes.length === 1 && only !== undefined && !('check' in only);
        const result = isSingle ? await table.write(only) : await table.transact(writes, { token: `${at}` });
        expect(result.outcome).toBe(failed.length === 0 ? 'written' : 'refused');
        if (result.outcome === 'refused') {
          expect(
            'failed' in result
              ? result.failed
              : [{ index: 0, ...('item' in result && { item: result.item }) }],
          ).toEqual(failed);
        }
      }
      await expectSame({ table }, model);
      const replayed = new Map<string, Item | undefined>();
      for (const { keys, after } of table.changes?.read(0, 10_000) ?? [])
        replayed.set(`${keys.pk} ${keys.sk}`, after);
      const held = [...replayed.values()].filter((item) => item !== undefined);
      expect(held).toHaveLength(model.items.length);
      expect(held).toEqual(expect.arrayContaining([...model.items]));
      store.close();
    }),
    { numRuns: 150 },
  );
});
