/** A value that an item may hold: what DynamoDB's document model and JSON have in common. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/** One row: attributes by name, at most 400 KB in all (DynamoDB limit). Includes `pk` and `sk`. */
export type Item = { readonly [attribute: string]: Value };

/** Every table has a partition key `pk` (at most 2,048 bytes) and a sort key `sk` (at most 1,024 bytes), both strings. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** One part of an `and`: what an attribute of the item must be for the write to happen. Constants only. */
export type Condition =
  | { readonly attribute: string; readonly is: 'absent' }
  | { readonly attribute: string; readonly is: '=' | '<=' | '>='; readonly value: string | number | boolean };

/** Replaces the whole item, or makes it. */
export interface PutWrite {
  readonly put: Item;
  readonly when?: readonly Condition[];
}

/** Changes top-level attributes of one item, making it if absent. `add` is atomic and takes an absent number as 0. */
export interface UpdateWrite {
  readonly update: Key;
  readonly set?: Readonly<Record<string, Value>>;
  readonly add?: Readonly<Record<string, number>>;
  readonly remove?: readonly string[];
  readonly when?: readonly Condition[];
}

/** Removes one item; removing what is absent is no error. */
export interface DeleteWrite {
  readonly delete: Key;
  readonly when?: readonly Condition[];
}

/** Writes nothing, but makes the transaction depend on a condition. Only inside `transact`. */
export interface CheckWrite {
  readonly check: Key;
  readonly when: readonly Condition[];
}

/** What `write` does to one item. */
export type Write = PutWrite | UpdateWrite | DeleteWrite;
/** What a transaction does to one item. */
export type TransactWrite = Write | CheckWrite;

/** `written` carries the item as it is after the write (absent after a delete); `refused` the item that failed the condition. */
export type WriteResult =
  | { readonly outcome: 'written'; readonly item?: Item }
  | { readonly outcome: 'refused'; readonly item?: Item };

/** `refused` names, by position in the request, the writes whose condition failed, with the item as it was found. */
export type TransactResult =
  | { readonly outcome: 'written' }
  | {
      readonly outcome: 'refused';
      readonly failed: readonly { readonly index: number; readonly item?: Item }[];
    };

/** A page of a key range, in order of the sort key. */
export interface Query {
  /** Name of a declared secondary index; the table itself when absent. Index reads are always eventual. */
  readonly index?: string;
  /** Value of the partition key (of the index, where one is named). */
  readonly partition: string | number;
  /** Bounds of the sort key, both inclusive. */
  readonly from?: string | number;
  readonly to?: string | number;
  /** Only sort keys (strings) that begin so. Not together with `from` or `to`. */
  readonly prefix?: string;
  readonly descending?: boolean;
  /** At most so many items; a page may be smaller and still have a cursor. */
  readonly limit: number;
  /** Where the last page ended. */
  readonly cursor?: string;
  readonly consistent?: boolean;
}

/** A page of items. */
export interface Page {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

/**
 * What DynamoDB does cheaply and nothing more.
 *
 * All methods may throw `ThrottledError`, `UnknownOutcomeError` and (writes) `ConflictError`; a condition that does not
 * hold is a result and never an error, so that duplicates need no catch.
 */
export interface Table {
  /** Items by key, in the order asked, `undefined` where there is none; any number of keys (100 a request on the wire). */
  get(keys: readonly Key[], options: { readonly consistent: boolean }): Promise<(Item | undefined)[]>;
  query(query: Query): Promise<Page>;
  /** Puts without conditions, in no order; answers what was not written and must be sent again. */
  putAll(items: readonly Item[]): Promise<{ readonly unprocessed: readonly Item[] }>;
  write(write: Write): Promise<WriteResult>;
  /**
   * All or nothing: at most 100 writes on distinct items of one table, 4 MB (DynamoDB TransactWriteItems).
   * `token` makes a repeat within ten minutes the same transaction; with other content it is an error.
   */
  transact(writes: readonly TransactWrite[], options: { readonly token: string }): Promise<TransactResult>;
}

/** One change of one item, as a table's change stream tells it: in order per key, at least once. */
export interface Change {
  readonly keys: Key;
  readonly before?: Item;
  readonly after?: Item;
}
