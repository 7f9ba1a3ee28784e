import { keyOf } from '#shared/capabilities/key-of.ts';
import type { Item, Key, Query, Table, Write } from '#shared/capabilities/table.ts';
import { ThrottledError } from '#shared/errors/errors.ts';
import type { InstanceMeter } from './instance-meter.ts';
import type { KeyHeat } from './key-heat.ts';
import { type BilledIndex, indexUnitsOf, pageUnitsOf, readUnitsOf, writeUnitsOf } from './table-units.ts';

/** What the meter must know of a table. */
export interface TableFacts {
  readonly name: string;
  readonly indexes: readonly BilledIndex[];
  /**
   * The item as it is at this moment. A write takes effect while it is called, before it is answered: looked at right before and
   * right after that, both versions are the very objects that others read, so that each is measured once.
   */
  now(key: Key): Item | undefined;
  readonly heat?: KeyHeat;
}

/** BatchGetItem takes 100 keys, BatchWriteItem 25 items. */
const KEYS_PER_REQUEST = 100;
const ITEMS_PER_REQUEST = 25;
/** Prepare and commit. */
const TRANSACTION = 2;

/** The table, counted as DynamoDB bills it. What was throttled is not billed; what was refused or met a conflict is. */
export function meteredTable(table: Table, meter: InstanceMeter, facts: TableFacts): Table {
  const read = (units: number, requests: number) => {
    meter.bill('tableReadUnits', units);
    for (let request = 0; request < requests; request += 1) meter.called();
  };
  const wrote = (pk: string, before: Item | undefined, after: Item | undefined, factor: number) => {
    const own = writeUnitsOf(before, after) * factor;
    let units = own;
    for (const index of facts.indexes) units += billIndex(facts, index, before, after);
    meter.bill('tableWriteUnits', units);
    facts.heat?.add(facts.name, pk, own);
  };
  const refused = (pk: string, found: Item | undefined, factor: number) => {
    const units = writeUnitsOf(found, undefined) * factor;
    meter.bill('tableWriteUnits', units);
    facts.heat?.add(facts.name, pk, units);
  };

  /** At once, but rejects where it cannot: after a call in which the store has failed, it is that failure that the caller must hear of. */
  const look = async (keys: readonly Key[]) => keys.map(facts.now);

  return {
    async get(keys, options) {
      const items = await table.get(keys, options);
      let units = 0;
      for (const item of items) units += readUnitsOf(item, options.consistent);
      read(units, Math.ceil(keys.length / KEYS_PER_REQUEST));
      return items;
    },
    async query(query: Query) {
      const page = await table.query(query);
      read(pageUnitsOf(page.items, query.consistent === true), 1);
      return page;
    },
    async putAll(items) {
      const keys = items.map((put) => keyOf({ put }));
      const before = keys.map(facts.now);
      const [answer, after] = await Promise.all([table.putAll(items), look(keys)]);
      const left = new Set(answer.unprocessed.map(textOfKey));
      for (const [at, item] of items.entries()) {
        if (!left.has(textOfKey(item))) wrote(keyOf({ put: item }).pk, before[at], after[at], 1);
      }
      for (let at = 0; at < items.length; at += ITEMS_PER_REQUEST) meter.called();
      return answer;
    },
    async write(write: Write) {
      const key = keyOf(write);
      const before = facts.now(key);
      meter.called();
      try {
        const [result, [after]] = await Promise.all([table.write(write), look([key])]);
        if (result.outcome === 'refused') refused(key.pk, before, 1);
        else wrote(key.pk, before, after, 1);
        return result;
      } catch (error) {
        if (!(error instanceof ThrottledError)) refused(key.pk, before, 1);
        throw error;
      }
    },
    async transact(writes, options) {
      const keys = writes.map(keyOf);
      const before = keys.map(facts.now);
      meter.called();
      const none = (error?: unknown) => {
        if (error instanceof ThrottledError) return;
        for (const [at, { pk }] of keys.entries()) refused(pk, before[at], TRANSACTION);
      };
      try {
        const [result, after] = await Promise.all([table.transact(writes, options), look(keys)]);
        if (result.outcome === 'refused') none();
        else for (const [at, { pk }] of keys.entries()) wrote(pk, before[at], after[at], TRANSACTION);
        return result;
      } catch (error) {
        none(error);
        throw error;
      }
    },
  };
}

function billIndex(
  { name, heat }: TableFacts,
  index: BilledIndex,
  before: Item | undefined,
  after: Item | undefined,
): number {
  const units = indexUnitsOf(index, before, after);
  const value = after?.[index.partition] ?? before?.[index.partition];
  if (units > 0) heat?.add(name, `${index.name} ${value}`, units);
  return units;
}

const textOfKey = ({ pk, sk }: Item): string => `${pk} ${sk}`;
