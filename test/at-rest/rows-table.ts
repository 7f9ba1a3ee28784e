import { ModelTable } from '#host/testing/model-table.ts';
import type { Item, Key, Table } from '#shared/capabilities/table.ts';

/** A table with a few rows, without cursors or indexes: for one look through a store at what was kept. */
export class RowsTable implements Table {
  readonly #model = new ModelTable();
  /** Keys that were asked for one by one: where rows that only point elsewhere lead to. */
  readonly asked: Key[] = [];

  constructor(rows: readonly Item[]) {
    this.#model.transact(rows.map((put) => ({ put })));
  }

  async get(keys: readonly Key[]): ReturnType<Table['get']> {
    this.asked.push(...keys);
    return keys.map((key) => this.#model.at(key));
  }

  async query({
    partition,
    prefix = '',
    from = '',
    to = '\u{10ffff}',
  }: Parameters<Table['query']>[0]): ReturnType<Table['query']> {
    const items = this.#model.items.filter(({ pk, sk }) => {
      const sort = String(sk);
      return pk === partition && sort.startsWith(prefix) && sort >= String(from) && sort <= String(to);
    });
    return { items };
  }

  async putAll(items: readonly Item[]): ReturnType<Table['putAll']> {
    this.#model.transact(items.map((put) => ({ put })));
    return { unprocessed: [] };
  }

  async write(write: Parameters<Table['write']>[0]): ReturnType<Table['write']> {
    return { outcome: this.#model.transact([write]).length === 0 ? 'written' : 'refused' };
  }

  async transact(writes: Parameters<Table['transact']>[0]): ReturnType<Table['transact']> {
    const failed = this.#model.transact(writes);
    return failed.length === 0 ? { outcome: 'written' } : { outcome: 'refused', failed };
  }
}
