import type { Change, Item, Query, Table } from '../table.ts';

/** The table that the suites are written for; an implementation opens one that is declared so. */
export const CONFORMANCE_TABLE = {
  name: 'conformance',
  indexes: {
    byState: {
      partition: { attribute: 'state', type: 'string' },
      sort: { attribute: 'rank', type: 'number' },
    },
    byOwner: {
      partition: { attribute: 'owner', type: 'string' },
      sort: { attribute: 'since', type: 'string' },
      projection: 'keys',
    },
  },
  expiresBy: 'expiresAt',
  stream: true,
} as const;

/** A new, empty table for one test. */
export interface OpenTable {
  readonly table: Table;
  /** Waits until eventual reads show everything that was written. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** A table whose time a test can move. */
export interface OpenTimedTable extends OpenTable {
  elapse(durationMs: number): Promise<void>;
}

/** A table whose change stream a test can read. */
export interface OpenStreamedTable extends OpenTable {
  /** All changes so far, in the order of the stream. */
  changes(): Promise<readonly Change[]>;
}

/** The one item under a key, read consistently. */
export async function itemAt(table: Table, pk: string, sk: string): Promise<Item | undefined> {
  const [item] = await table.get([{ pk, sk }], { consistent: true });
  return item;
}

/** All items of a key range, page by page until there is no cursor. */
export async function allPages(table: Table, query: Query): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await table.query({ ...query, ...(cursor !== undefined && { cursor }) });
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}

/** Puts items, sending again what was not processed. */
export async function putItems(table: Table, items: readonly Item[]): Promise<void> {
  let left = items;
  while (left.length > 0) left = (await table.putAll(left)).unprocessed;
}
