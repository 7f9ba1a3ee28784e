import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Cancel } from '#shared/world/world.ts';
import { Catalog, sqlName } from './catalog.ts';
import { Database } from './database.ts';
import { EmbeddedBus } from './embedded-bus.ts';
import { EmbeddedQueue } from './embedded-queue.ts';
import { EmbeddedTable, type TableParts } from './embedded-table.ts';
import { EmbeddedTimer } from './embedded-timer.ts';
import type { DatabaseOptions } from './open-sqlite.ts';
import type { QueueDefinition } from './queue-definition.ts';
import { sweepRegularly } from './sweeper.ts';
import type { TableDefinition } from './table-definition.ts';
import { TransactionTokens } from './transaction-tokens.ts';

/** Everything that one host keeps, in one file: its tables, queues, bus and timers, committed together. */
export class EmbeddedStore {
  readonly bus: EmbeddedBus;
  readonly #parts: TableParts;
  readonly #tables = new Map<string, EmbeddedTable>();
  readonly #queues = new Map<string, EmbeddedQueue>();
  readonly #timers = new Map<string, EmbeddedTimer>();
  readonly #sweeps: ((limit: number) => number)[] = [];
  readonly #stopSweeping: Cancel;

  /** Throws `ConfigurationError` when the file cannot be opened or another process has it. */
  constructor(options: DatabaseOptions) {
    const { world } = options;
    const database = new Database(options);
    this.#parts = {
      database,
      world,
      catalog: new Catalog(database),
      tokens: new TransactionTokens(database, world),
    };
    this.bus = new EmbeddedBus(database, world, (definition) => this.queue(definition));
    this.#stopSweeping = sweepRegularly(
      world,
      () => this.#sweeps,
      () => database.committed(),
    );
  }

  /** From here on earlier versions refuse the data directory; resolves once that is on disk. */
  async takeLayout(): Promise<void> {
    this.#parts.database.takeLayout();
    await this.committed();
  }

  /** Opens a table, each name once; expired items and old changes are removed in the background. */
  table(definition: TableDefinition): EmbeddedTable {
    const table = opened(this.#tables, definition.name, () => new EmbeddedTable(this.#parts, definition));
    this.#sweeps.push((limit) => table.removeExpired(limit));
    const { changes } = table;
    if (changes !== undefined) this.#sweeps.push((limit) => changes.trim(limit));
    return table;
  }

  /** Whether a table of that name is laid out, by this start or an earlier one. */
  hasTable(name: string): boolean {
    return this.#parts.catalog.knows(sqlName('table', name));
  }

  /** Opens a queue, each name once and a dead-letter queue before the queues that name it. */
  queue(definition: QueueDefinition): EmbeddedQueue {
    const { name, redrive } = definition;
    const deadLetterQueue = redrive && this.#queues.get(redrive.deadLetterQueue);
    const queue = opened(
      this.#queues,
      name,
      () => new EmbeddedQueue(this.#parts, definition, deadLetterQueue),
    );
    this.#sweeps.push((limit) => queue.removeOutdated(limit));
    return queue;
  }

  /** Opens the group of timers called `name`, each name once, which send to `queue`. */
  timer(name: string, queue: EmbeddedQueue): EmbeddedTimer {
    return opened(this.#timers, name, () => new EmbeddedTimer({ ...this.#parts, queue }, name));
  }

  /** Sends the messages of a dead-letter queue back to where they came from; answers how many. */
  async redrive(deadLetterQueue: EmbeddedQueue): Promise<number> {
    return deadLetterQueue.redrive((name) => this.#queues.get(name));
  }

  /**
   * Resolves once everything that may have been read so far is on disk, but for tables that nobody is told of: to be awaited
   * before anything leaves the process (PUBLISH, PUBACK, HTTP answer, renamed file).
   */
  committed(): Promise<void> {
    return this.#parts.database.mayBeTold();
  }

  /** Ends as a crash would end it: what this turn has written is lost, and nobody hears of it. */
  crash(): void {
    this.#parts.database.crash();
  }

  /** Commits what is open, ends all timers and gives the file back. */
  close(): void {
    this.#stopSweeping();
    for (const one of [...this.#queues.values(), ...this.#timers.values()]) one.close();
    this.#parts.database.close();
  }
}

function opened<T>(all: Map<string, T>, name: string, open: () => T): T {
  if (all.has(name)) throw new ConfigurationError(`${name} is opened twice`);
  const one = open();
  all.set(name, one);
  return one;
}
