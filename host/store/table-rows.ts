import { itemOf, textOf } from '#shared/capabilities/limits/item-text.ts';
import type { Item, Key } from '#shared/capabilities/table.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import { type Catalog, sqlName } from './catalog.ts';
import { ChangeLog } from './change-log.ts';
import type { Database } from './database.ts';
import { EmptyPartitions } from './empty-partitions.ts';
import { ExpiryRows } from './expiry-rows.ts';
import { ItemCache } from './item-cache.ts';
import { SecondaryIndex } from './secondary-index.ts';
import type { Statement } from './statement.ts';
import type { StoredItem } from './stored-item.ts';
import type { TableDefinition } from './table-definition.ts';

/** Sees what an item is after a change, `undefined` after a delete. */
export type ChangeObserver = (key: Key, after: Item | undefined) => void;

/** The sqlite rows of one table, with everything that follows them: indexes, expiry, change stream. */
export class TableRows {
  readonly indexes: ReadonlyMap<string, SecondaryIndex>;
  readonly expiry: ExpiryRows | undefined;
  readonly changes: ChangeLog | undefined;
  /** Whether a put may overwrite without looking at what was there. */
  readonly isPlain: boolean;
  readonly emptyPartitions = new EmptyPartitions();
  readonly #name: string;
  readonly #database: Database;
  readonly #followers: readonly (SecondaryIndex | ExpiryRows)[];
  readonly #observers = new Set<ChangeObserver>();
  readonly #cache = new ItemCache();
  readonly #select: Statement<[string]>;
  readonly #upsert: Statement<[]>;
  readonly #delete: Statement<[]>;

  constructor(database: Database, catalog: Catalog, world: World, definition: TableDefinition) {
    const { name, expiresBy } = definition;
    this.#database = database;
    this.#name = sqlName('table', name);
    catalog.claim(this.#name);
    database.define(`CREATE TABLE IF NOT EXISTS ${this.#name}(
      pk TEXT NOT NULL, sk TEXT NOT NULL, item TEXT NOT NULL, PRIMARY KEY(pk, sk)) WITHOUT ROWID`);
    this.#select = database.prepare(`SELECT item FROM ${this.#name} WHERE pk = ? AND sk = ?`);
    this.#upsert = database.prepare(
      `INSERT INTO ${this.#name} VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET item = excluded.item`,
    );
    this.#delete = database.prepare(`DELETE FROM ${this.#name} WHERE pk = ? AND sk = ?`);
    this.indexes = new Map(
      Object.entries(definition.indexes ?? {}).map(([indexName, index]) => [
        indexName,
        new SecondaryIndex(database, catalog, name, indexName, index),
      ]),
    );
    this.expiry = expiresBy === undefined ? undefined : new ExpiryRows(database, catalog, name, expiresBy);
    // What is not declared now is not kept in step: declared again, it must be made anew.
    catalog.dropOthers(
      `"index:${name}:`,
      [...this.indexes.values()].map(({ rowsName }) => rowsName),
    );
    if (this.expiry === undefined) catalog.dropOthers(sqlName('expiry', name), []);
    this.changes = definition.stream === true ? new ChangeLog(database, world, name) : undefined;
    this.#followers = [...this.indexes.values(), ...(this.expiry === undefined ? [] : [this.expiry])];
    this.isPlain = this.#followers.length === 0 && this.changes === undefined;
  }

  find(key: Key): StoredItem | undefined {
    const { pk, sk } = key;
    const known = this.#cache.find(pk, sk);
    if (known !== undefined) return known ?? undefined;
    const row = this.#select.get(pk, sk);
    if (row !== undefined) return this.#cache.note(pk, sk, row[0]);
    this.#cache.noteAbsent(pk, sk);
    return undefined;
  }

  /** The item as it would be stored. Throws `RefusedError` when it is too large or breaks the type of an index key. */
  checked(item: Item): StoredItem {
    for (const index of this.indexes.values()) index.check(item);
    return { item, text: textOf(item) };
  }

  /** Makes `after` the item under `key`, within the present write. `before` is what `find` gave. */
  store(key: Key, before: StoredItem | undefined, after: StoredItem | undefined): void {
    // DynamoDB puts no change on the stream for a write that changes nothing.
    if (before?.text === after?.text) return;
    if (after === undefined) {
      this.#cache.noteAbsent(key.pk, key.sk);
      this.#delete.run(key.pk, key.sk);
    } else {
      // By its text: the item that was handed in is its caller's, who may go on changing it.
      this.#cache.note(key.pk, key.sk, after.text);
      this.#upsert.run(key.pk, key.sk, after.text);
      if (before === undefined) this.emptyPartitions.forget(key.pk);
    }
    for (const follower of this.#followers) follower.move(key, before?.item, after?.item);
    this.changes?.append(key, before, after);
    for (const observe of this.#observers) observe(key, after?.item);
  }

  /** Calls `observe` with each change as it is made, before it is committed. */
  observe(observe: ChangeObserver): Cancel {
    this.#observers.add(observe);
    return () => {
      this.#observers.delete(observe);
    };
  }

  /** All items in no useful order, for making a copy; nothing may be written while it is read. */
  *items(): Generator<Item> {
    for (const [text] of this.#database.prepare<[string]>(`SELECT item FROM ${this.#name}`).iterate()) {
      yield itemOf(text);
    }
  }
}
