import type { Item, Key, Table } from '#shared/capabilities/table.ts';
import type { World } from '#shared/world/world.ts';
import { Catalog } from '../store/catalog.ts';
import { Database } from '../store/database.ts';
import { EmbeddedTable } from '../store/embedded-table.ts';
import { TransactionTokens } from '../store/transaction-tokens.ts';

/** As stale as eventual reads get. */
const LONGEST_LAG_MS = 1_000;

interface Lagging {
  readonly key: Key;
  readonly after: Item | undefined;
  readonly dueMs: number;
}

/** A copy of a table that follows it late, by up to a second and in order: what an eventual read may see. */
export class LaggingCopy {
  readonly #world: World;
  readonly #copy: EmbeddedTable;
  readonly #lagging: Lagging[] = [];

  constructor(table: EmbeddedTable, world: World) {
    this.#world = world;
    const database = new Database({
      world,
      onFatal: (error) => {
        throw error;
      },
    });
    const { name, indexes } = table.definition;
    const parts = {
      database,
      world,
      catalog: new Catalog(database),
      tokens: new TransactionTokens(database, world),
    };
    this.#copy = new EmbeddedTable(parts, { name, ...(indexes !== undefined && { indexes }) });
    for (const item of table.items()) void this.#copy.write({ put: item });
    table.observe((key, after) => this.#follow(key, after));
  }

  /** The copy as it is now. */
  get table(): Table {
    for (
      let next = this.#lagging[0];
      next !== undefined && next.dueMs <= this.#world.monotonicMs();
      next = this.#lagging[0]
    ) {
      this.#lagging.shift();
      void this.#copy.write(next.after === undefined ? { delete: next.key } : { put: next.after });
    }
    return this.#copy;
  }

  #follow(key: Key, after: Item | undefined): void {
    const dueMs = this.#world.monotonicMs() + this.#world.random() * LONGEST_LAG_MS;
    this.#lagging.push({ key, after, dueMs: Math.max(dueMs, this.#lagging.at(-1)?.dueMs ?? 0) });
  }
}
