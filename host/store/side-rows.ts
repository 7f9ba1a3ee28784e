import { itemOf } from '#shared/capabilities/limits/item-text.ts';
import type { Item, Key } from '#shared/capabilities/table.ts';
import type { Catalog } from './catalog.ts';
import type { Database } from './database.ts';
import type { Cell, Statement } from './statement.ts';

/** What rows are derived from items, and how. */
export interface SideRowsLayout {
  /** Quoted sqlite name of the rows' table. */
  readonly name: string;
  /** sqlite types of the columns `k1`, `k2`... that stand before `pk` and `sk`. */
  readonly types: readonly ('TEXT' | 'REAL')[];
  /** Attributes that the cells come from; another list under the same name makes the rows anew. */
  readonly attributes: readonly string[];
  /** The cells of an item, `undefined` when it has no row. */
  readonly cellsOf: (item: Item) => readonly Cell[] | undefined;
}

/** A sqlite table of rows that are derived from a table's items: at most one an item, ordered by cells, pk and sk. */
export class SideRows {
  readonly #cellsOf: SideRowsLayout['cellsOf'];
  readonly #insert: Statement<[]>;
  readonly #delete: Statement<[]>;

  /** Opens the rows of `source` (quoted name), deriving them all when they are not there yet. */
  constructor(database: Database, catalog: Catalog, source: string, layout: SideRowsLayout) {
    const { name, types } = layout;
    this.#cellsOf = layout.cellsOf;
    const description = JSON.stringify([types, layout.attributes]);
    const isThere = catalog.has(name, description);
    const columns = types.map((_, at) => `k${at + 1}`);
    if (!isThere) {
      const declared = columns.map((column, at) => `${column} ${types[at]} NOT NULL, `).join('');
      database.define(`DROP TABLE IF EXISTS ${name};
        CREATE TABLE ${name}(${declared}pk TEXT NOT NULL, sk TEXT NOT NULL,
          PRIMARY KEY(${[...columns, 'pk', 'sk'].join(', ')})) WITHOUT ROWID`);
    }
    const key = [...columns, 'pk', 'sk'];
    this.#insert = database.prepare(`INSERT INTO ${name} VALUES (${key.map(() => '?').join(', ')})`);
    this.#delete = database.prepare(
      `DELETE FROM ${name} WHERE ${key.map((column) => `${column} = ?`).join(' AND ')}`,
    );
    if (!isThere) database.write(() => this.#deriveAll(database, catalog, source, name, description));
  }

  /** Follows the change of one item, within the present write. */
  move(key: Key, before: Item | undefined, after: Item | undefined): void {
    const from = before && this.#cellsOf(before);
    const to = after && this.#cellsOf(after);
    if (from !== undefined && to !== undefined && from.every((cell, at) => cell === to[at])) return;
    if (from !== undefined) this.#delete.run(...from, key.pk, key.sk);
    if (to !== undefined) this.#insert.run(...to, key.pk, key.sk);
  }

  #deriveAll(database: Database, catalog: Catalog, source: string, name: string, description: string): void {
    const items = database.prepare<[string, string, string]>(`SELECT pk, sk, item FROM ${source}`);
    for (const [pk, sk, text] of items.iterate()) this.move({ pk, sk }, undefined, itemOf(text));
    catalog.note(name, description);
  }
}
