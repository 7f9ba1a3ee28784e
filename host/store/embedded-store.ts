import type { Cancel, World } from '#shared/world/world.ts';
import { Catalog } from './catalog.ts';
import { Database, type DatabaseOptions } from './database.ts';
import { EmbeddedTable } from './embedded-table.ts';
import { sweepRegularly } from './sweeper.ts';
import type { TableDefinition } from './table-definition.ts';
import { TransactionTokens } from './transaction-tokens.ts';

/** Everything that one host keeps, in one file: its tables, queues, bus and timers, committed together. */
export class EmbeddedStore {
  readonly #world: World;
  readonly #database: Database;
  readonly #catalog: Catalog;
  readonly #tokens: TransactionTokens;
  readonly #sweeps: ((limit: number) => number)[] = [];
  readonly #stopSweeping: Cancel;

  /** Throws `ConfigurationError` when the file cannot be opened or another process has it. */
  constructor(options: DatabaseOptions) {
    this.#world = options.world;
    this.#database = new Database(options);
    this.#catalog = new Catalog(this.#database);
    this.#tokens = new TransactionTokens(this.#database, this.#world);
    this.#stopSweeping = sweepRegularly(this.#world, () => this.#sweeps);
  }

  /** Opens a table, once; expired items are removed in the background. */
  table(definition: TableDefinition): EmbeddedTable {
    const table = new EmbeddedTable(
      { database: this.#database, catalog: this.#catalog, tokens: this.#tokens, world: this.#world },
      definition,
    );
    this.#sweeps.push((limit) => table.removeExpired(limit));
    const { changes } = table;
    if (changes !== undefined) this.#sweeps.push((limit) => changes.trim(limit));
    return table;
  }

  /** Resolves once everything that may have been read so far is on disk: before anything leaves the process. */
  committed(): Promise<void> {
    return this.#database.committed();
  }

  /** Commits what is open and gives the file back. */
  close(): void {
    this.#stopSweeping();
    this.#database.close();
  }
}
