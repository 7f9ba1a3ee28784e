import { allHold } from '#shared/capabilities/limits/conditions.ts';
import { checkKey } from '#shared/capabilities/limits/item-text.ts';
import { checkDistinct, checkTransactionLength } from '#shared/capabilities/limits/transaction.ts';
import { checkWrite, itemAfter } from '#shared/capabilities/limits/write-plan.ts';
import type {
  Item,
  Key,
  Page,
  Query,
  Table,
  TransactResult,
  TransactWrite,
  Write,
  WriteResult,
} from '#shared/capabilities/table.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import type { Catalog } from './catalog.ts';
import type { ChangeLog } from './change-log.ts';
import type { Database } from './database.ts';
import { RangeReader } from './range-reader.ts';
import { indexSource, tableSource } from './range-sources.ts';
import type { StoredItem } from './stored-item.ts';
import type { TableDefinition } from './table-definition.ts';
import { type ChangeObserver, TableRows } from './table-rows.ts';
import { checkTransactionSize } from './transaction-limits.ts';
import type { TransactionTokens } from './transaction-tokens.ts';

/** What the tables of one store share. */
export interface TableParts {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly tokens: TransactionTokens;
  readonly world: World;
}

/** Items that queries read before they give way: some ten milliseconds. */
const READ_IN_TURN = 1_000;

/** What a sound write finds under its key. */
interface Found<W extends TransactWrite> {
  readonly write: W;
  readonly key: Key;
  readonly before: StoredItem | undefined;
}

/** `Table` over sqlite: a write takes effect when it is called and resolves when that effect is on disk. */
export class EmbeddedTable implements Table {
  readonly definition: TableDefinition;
  readonly #database: Database;
  readonly #tokens: TransactionTokens;
  readonly #world: World;
  readonly #rows: TableRows;
  readonly #readers: ReadonlyMap<string | undefined, RangeReader>;
  #readInTurn = 0;

  /** Lays the table out where it is not yet as the definition says; an index that is new is filled at once. */
  constructor(parts: TableParts, definition: TableDefinition) {
    this.definition = definition;
    this.#database = parts.database;
    this.#tokens = parts.tokens;
    this.#world = parts.world;
    this.#rows = new TableRows(parts.database, parts.catalog, parts.world, definition);
    const { name } = definition;
    const sources = [...this.#rows.indexes].map(([index, rows]) => indexSource(name, index, rows));
    this.#readers = new Map(
      [tableSource(name, this.#rows.emptyPartitions), ...sources].map((source) => [
        source.index,
        new RangeReader(parts.database, source),
      ]),
    );
  }

  /** The change stream; `undefined` when the definition asks for none. */
  get changes(): ChangeLog | undefined {
    return this.#rows.changes;
  }

  async get(keys: readonly Key[], _options: { readonly consistent: boolean }): Promise<(Item | undefined)[]> {
    return keys.map((key) => {
      checkKey(key);
      return this.#rows.find(key)?.item;
    });
  }

  async query(query: Query): Promise<Page> {
    if (query.index !== undefined && query.consistent === true) {
      throw new RefusedError('consistent', 'an index is always read eventually');
    }
    const page = this.peekPage(query);
    this.#readInTurn += page.items.length;
    if (this.#readInTurn >= READ_IN_TURN) await this.#giveWay();
    return page;
  }

  async putAll(items: readonly Item[]): Promise<{ readonly unprocessed: readonly Item[] }> {
    const found = items.map((put) => this.#find({ put }));
    checkDistinct(found.map(({ key }) => key));
    const plans = found.map((one) => ({ ...one, after: this.#after(one) }));
    this.#write(() => {
      for (const { key, before, after } of plans) this.#rows.store(key, before, after);
    });
    await this.#database.committed();
    return { unprocessed: [] };
  }

  async write(write: Write): Promise<WriteResult> {
    const found = this.#find(write);
    if (!allHold(write.when, found.before?.item)) {
      return found.before === undefined
        ? { outcome: 'refused' }
        : { outcome: 'refused', item: found.before.item };
    }
    const after = this.#after(found);
    this.#write(() => this.#rows.store(found.key, found.before, after));
    await this.#database.committed();
    return after === undefined ? { outcome: 'written' } : { outcome: 'written', item: after.item };
  }

  async transact(
    writes: readonly TransactWrite[],
    options: { readonly token: string },
  ): Promise<TransactResult> {
    checkTransactionLength(writes.length);
    const found = writes.map((write) => this.#find(write));
    checkDistinct(found.map(({ key }) => key));
    const digest = this.#tokens.digestOf(this.definition.name, writes);
    if (this.#tokens.isWritten(options.token, digest)) {
      await this.#database.committed();
      return { outcome: 'written' };
    }
    const failed = found.flatMap(({ write, before }, index) => {
      if (allHold(write.when, before?.item)) return [];
      return [before === undefined ? { index } : { index, item: before.item }];
    });
    if (failed.length > 0) return { outcome: 'refused', failed };
    const plans = found.map((one) => ({ ...one, after: this.#after(one) }));
    checkTransactionSize(plans);
    this.#write(() => {
      for (const { key, before, after } of plans) this.#rows.store(key, before, after);
      this.#tokens.keep(options.token, digest);
    });
    await this.#database.committed();
    return { outcome: 'written' };
  }

  /** The item as it is at this moment, written or not: what a write that is called now finds. */
  peek(key: Key): Item | undefined {
    return this.#rows.find(key)?.item;
  }

  /** A page as it is at this moment, written or not, of an index too. Throws as `query` does. */
  peekPage(query: Query): Page {
    const reader = this.#readers.get(query.index);
    if (reader === undefined)
      throw new RefusedError('index', `is not declared by table ${this.definition.name}`);
    return reader.read(query);
  }

  /** Removes at most `limit` items whose TTL has passed; answers how many. They show in the change stream. */
  removeExpired(limit: number): number {
    const due = this.#rows.expiry?.due(this.#world.now(), limit) ?? [];
    if (due.length > 0) {
      this.#write(() => {
        for (const key of due) this.#rows.store(key, this.#rows.find(key), undefined);
      });
    }
    return due.length;
  }

  /** Calls `observe` with each change as it is made, before it is committed and whoever makes it. */
  observe(observe: ChangeObserver): Cancel {
    return this.#rows.observe(observe);
  }

  /** Every item, in no useful order, for making a copy; nothing may be written while it is read. */
  items(): Iterable<Item> {
    return this.#rows.items();
  }

  #write(run: () => void): void {
    this.#database.write(run, this.definition);
  }

  /** Who reads page after page lets everybody else have a turn now and then: reading a million items takes seconds. */
  #giveWay(): Promise<void> {
    this.#readInTurn = 0;
    return new Promise<void>((resolve) => this.#world.endOfTurn(resolve));
  }

  #find<W extends TransactWrite>(write: W): Found<W> {
    const key = checkWrite(write);
    const mayBeUnseen = 'put' in write && write.when === undefined && this.#rows.isPlain;
    return { write, key, before: mayBeUnseen ? undefined : this.#rows.find(key) };
  }

  #after({ write, before }: Found<TransactWrite>): StoredItem | undefined {
    const after = itemAfter(write, before?.item);
    if (after === undefined) return undefined;
    return before !== undefined && after === before.item ? before : this.#rows.checked(after);
  }
}
