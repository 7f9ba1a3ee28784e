import { keyOf } from '#shared/capabilities/key-of.ts';
import { checkDistinct } from '#shared/capabilities/limits/transaction.ts';
import { checkWrite } from '#shared/capabilities/limits/write-plan.ts';
import type { Item, Query, Table, TransactWrite, Write } from '#shared/capabilities/table.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import type { EmbeddedTable } from '../store/embedded-table.ts';
import { LaggingCopy } from './strict-lag.ts';
import { Overlaps } from './strict-overlaps.ts';

/** How often a strict table does what a friendlier one would hide; every rate is a share between 0 and 1. */
export interface StrictTableOptions {
  readonly world: World;
  /** Share of the writes that meet another in flight, one of them in a transaction, that conflict; all unless told. */
  readonly conflictRate?: number;
  /** Share of eventual and index reads that are up to a second stale; half unless told. */
  readonly staleRate?: number;
  /** Share of batch puts that are not processed and must be sent again; a tenth unless told. */
  readonly unprocessedRate?: number;
  /** Most items of a page, whatever the query allows; 3 unless told. */
  readonly pageItems?: number;
}

/**
 * The same table with everything that DynamoDB does and an embedded store hides: transactions that overlap in time, and
 * plain writes against one, conflict; eventual reads may be stale; pages are small; batches are left half done; what was read cannot be
 * changed. Chance comes from the world, so that the same seed gives the same.
 */
export function strictTable(table: EmbeddedTable, options: StrictTableOptions): Table {
  const { world, conflictRate = 1, staleRate = 0.5, unprocessedRate = 0.1, pageItems = 3 } = options;
  const copy = new LaggingCopy(table, world);
  const overlaps = new Overlaps();
  const happens = (rate: number) => rate > 0 && world.random() < rate;
  const readable = (isConsistent: boolean) => (!isConsistent && happens(staleRate) ? copy.table : table);

  return {
    get: async (keys, read) => (await readable(read.consistent).get(keys, read)).map(frozen),

    query: (query: Query) => {
      const isConsistent = query.consistent === true && query.index === undefined;
      return readable(isConsistent).query({ ...query, limit: Math.min(query.limit, pageItems) });
    },

    write: async (write: Write) => {
      const key = keyOf(write);
      if (overlaps.meetsTransaction(key) && happens(conflictRate)) {
        throw new ConflictError(`a transaction is writing ${key.pk} ${key.sk}`);
      }
      return overlaps.writing([key], () => table.write(write));
    },

    putAll: async (items: readonly Item[]) => {
      // What can never be written is refused before anything is left for later.
      checkDistinct(items.map((put) => checkWrite({ put })));
      const isLeft = (put: Item) =>
        happens(unprocessedRate) || (overlaps.meetsTransaction(keyOf({ put })) && happens(conflictRate));
      const unprocessed = new Set(items.filter(isLeft));
      const processed = items.filter((item) => !unprocessed.has(item));
      await overlaps.writing(
        processed.map((put) => keyOf({ put })),
        () => table.putAll(processed),
      );
      return { unprocessed: [...unprocessed] };
    },

    transact: async (writes: readonly TransactWrite[], transaction) => {
      const keys = writes.map(keyOf);
      if (overlaps.meetsAny(keys) && happens(conflictRate)) {
        throw new ConflictError('another write is on an item of this transaction');
      }
      return overlaps.transacting(keys, () => table.transact(writes, transaction));
    },
  };
}

/** Items are shared by all who read them: who changes one is found out. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
