import { LaggingCopy } from '#host/testing/strict-lag.ts';
import type { Key, Table, TransactWrite } from '#shared/capabilities/table.ts';
import { ConflictError, ThrottledError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import { type Chance, never } from './chance.ts';
import type { Fault } from './fault.ts';

/** What a fault does to a call: a promise is waited for, and what it rejects with is what the caller hears; nothing at all is no wait. */
type Disturb = (what: string) => Promise<void> | undefined;

const nothing: Disturb = () => undefined;

/** Puts something before each write of a table; what it rejects with keeps the write from happening. */
function beforeWrites(table: Table, before: Disturb): Table {
  return {
    get: (keys, options) => table.get(keys, options),
    query: (query) => table.query(query),
    putAll: (items) => after(before('a batch'), () => table.putAll(items)),
    write: (write) => after(before('a write'), () => table.write(write)),
    transact: (writes, options) => after(before('a transaction'), () => table.transact(writes, options)),
  };
}

const after = <T>(disturbed: Promise<void> | undefined, run: () => Promise<T>): Promise<T> =>
  disturbed === undefined ? run() : disturbed.then(run);

/** Puts something after each write of a table that has taken effect. */
function afterWrites(table: Table, disturb: Disturb): Table {
  const then = async <T>(work: Promise<T>, what: string): Promise<T> => {
    const result = await work;
    const disturbed = disturb(what);
    if (disturbed !== undefined) await disturbed;
    return result;
  };
  return {
    get: (keys, options) => table.get(keys, options),
    query: (query) => table.query(query),
    putAll: (items) => then(table.putAll(items), 'a batch'),
    write: (write) => then(table.write(write), 'a write'),
    transact: (writes, options) => then(table.transact(writes, options), 'a transaction'),
  };
}

const throwing =
  (chance: Chance, make: () => Error): Disturb =>
  (what) =>
    chance.happens(what) ? Promise.reject(make()) : undefined;

export const conflicts: Fault = {
  name: 'conflict',
  what: 'a write meets another on its item and is refused as a conflict',
  most: 0.1,
  table: (table, chance) =>
    beforeWrites(
      table,
      throwing(chance, () => new ConflictError('somebody else is writing this item')),
    ),
};

export const cancelledTransactions: Fault = {
  name: 'transaction-cancelled',
  what: 'a transaction is cancelled because it overlaps another',
  most: 0.2,
  table: (table, chance) => ({
    ...beforeWrites(table, nothing),
    transact: async (writes, options) => {
      if (chance.happens(`of ${writes.length} writes`))
        throw new ConflictError('the transaction was cancelled');
      return table.transact(writes, options);
    },
  }),
};

export const throttled: Fault = {
  name: 'throttled',
  what: 'a write is throttled',
  most: 0.05,
  table: (table, chance) =>
    beforeWrites(
      table,
      throwing(chance, () => new ThrottledError('too many writes')),
    ),
};

export const unknownAndApplied: Fault = {
  name: 'unknown-applied',
  what: 'a write takes effect, but an error comes back',
  most: 0.1,
  table: (table, chance) =>
    afterWrites(
      table,
      throwing(chance, () => new UnknownOutcomeError('no answer came')),
    ),
};

export const unknownAndNotApplied: Fault = {
  name: 'unknown-not-applied',
  what: 'a write takes no effect, and nobody can tell',
  most: 0.1,
  table: (table, chance) =>
    beforeWrites(
      table,
      throwing(chance, () => new UnknownOutcomeError('no answer came')),
    ),
};

export const diesAfterWrite: Fault = {
  name: 'dies-after-write',
  what: 'a function stops for good between a write and what it would have done next, and runs into its timeout',
  most: 0.02,
  table: (table, chance) => afterWrites(table, (what) => (chance.happens(what) ? never() : undefined)),
};

export const staleReads: Fault = {
  name: 'stale-read',
  what: 'an index, or a read that does not ask for consistency, is up to a second stale',
  most: 1,
  table: (table, chance, original) => {
    // The table that the promises are about; a copy of every other one would cost more than it tells.
    if (!original.definition.name.endsWith('-rollouts')) return table;
    const copy = new LaggingCopy(original, chance.world);
    return {
      ...beforeWrites(table, nothing),
      get: (keys, options) =>
        (!options.consistent && chance.happens('by key') ? copy.table : table).get(keys, options),
      query: (query) => {
        const isConsistent = query.consistent === true && query.index === undefined;
        return (!isConsistent && chance.happens('of a range') ? copy.table : table).query(query);
      },
    };
  },
};

const PAGE_ITEMS = 2;

export const smallPages: Fault = {
  name: 'small-page',
  what: 'a page holds two items at most, and half of a batch of puts is left over',
  most: 0.5,
  table: (table, chance) => ({
    ...beforeWrites(table, nothing),
    query: (query) =>
      table.query(chance.happens('') ? { ...query, limit: Math.min(query.limit, PAGE_ITEMS) } : query),
    putAll: async (items) => {
      const taken = chance.happens('') ? items.slice(0, Math.ceil(items.length / 2)) : items;
      const { unprocessed } = await table.putAll(taken);
      return { unprocessed: [...unprocessed, ...items.slice(taken.length)] };
    },
  }),
};

export const slowCalls: Fault = {
  name: 'slow-call',
  what: 'a call takes up to four seconds, so that invocations overlap',
  most: 0.3,
  table: (table, chance) => {
    const slowly = () => (chance.happens('') ? chance.pause(chance.upTo(4_000)) : undefined);
    return {
      ...beforeWrites(table, slowly),
      get: (keys, options) => after(slowly(), () => table.get(keys, options)),
      query: (query) => after(slowly(), () => table.query(query)),
    };
  },
};

/** The key and the number that a write expects its row to have; `undefined` where it expects none. */
function expectedOf(write: TransactWrite): { readonly key: Key; readonly revision: number } | undefined {
  const { pk, sk } = 'put' in write ? write.put : 'update' in write ? write.update : {};
  const found = write.when?.find(({ attribute, is }) => attribute === 'revision' && is === '=');
  const revision = found !== undefined && 'value' in found ? Number(found.value) : 0;
  return revision === 0 ? undefined : { key: { pk: String(pk), sk: String(sk) }, revision };
}

export const overtaken: Fault = {
  name: 'overtaken',
  what: 'somebody else is quicker with a row that a transaction is about to write, and leaves everything in it as it was',
  most: 0.2,
  table: (table, chance, original) => ({
    ...beforeWrites(table, nothing),
    transact: async (writes, options) => {
      for (const { key, revision } of writes.flatMap((write) => expectedOf(write) ?? [])) {
        if (!chance.happens(`${key.pk} ${key.sk}`)) continue;
        const isStill = { attribute: 'revision', is: '=', value: revision } as const;
        await original.write({ update: key, add: { revision: 1 }, when: [isStill] });
      }
      return table.transact(writes, options);
    },
  }),
};
