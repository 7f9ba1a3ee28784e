import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Sqlite, SqliteStatement } from '#host/store/open-sqlite.ts';

/** Databases of histories that are over, emptied: laying tables out and preparing statements takes longer than emptying them. */
const spare: MemoryDatabase[] = [];

/**
 * The disk of one history: a database in memory that outlives the store that crashed. It is never closed but emptied, and is then the
 * empty disk of a history to come. Its statements are few, and are kept as long as it is.
 */
export class MemoryDatabase {
  readonly #sqlite = new DatabaseSync(':memory:');
  /** Those of stores, which are read as arrays. */
  readonly #kept = new Map<string, StatementSync>();
  readonly #reads = new Map<string, StatementSync>();

  private constructor() {
    // Each is the disk of one history at a time: see `take`.
  }

  /** An empty one, for this history alone. */
  static take(): MemoryDatabase {
    return spare.pop() ?? new MemoryDatabase();
  }

  /** A connection for one store at a time: what it has not committed when it closes never was. */
  connect(): Sqlite {
    return new Connection(this.#sqlite, this.#kept);
  }

  /** Rows past the host and its store, as they are committed once its turn has ended. */
  read(sql: string): Record<string, unknown>[] {
    return keptIn(this.#reads, this.#sqlite, sql).all();
  }

  /** The history is over, and no store has it open. What is laid out stays, with the catalog that says so. */
  giveBack(): void {
    const tables = this.read(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('catalog') AND name NOT LIKE 'sqlite_%'`,
    );
    this.#sqlite.exec(tables.map(({ name }) => `DELETE FROM "${String(name)}";`).join(''));
    spare.push(this);
  }
}

function keptIn(kept: Map<string, StatementSync>, sqlite: DatabaseSync, sql: string): StatementSync {
  let statement = kept.get(sql);
  if (statement === undefined) {
    statement = sqlite.prepare(sql);
    kept.set(sql, statement);
  }
  return statement;
}

/** What one store takes for its connection; after its end it does nothing any more, whoever still holds it. */
class Connection implements Sqlite {
  readonly #sqlite: DatabaseSync;
  readonly #kept: Map<string, StatementSync>;
  #isOpen = true;

  constructor(sqlite: DatabaseSync, kept: Map<string, StatementSync>) {
    this.#sqlite = sqlite;
    this.#kept = kept;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  exec(sql: string): void {
    this.mustBeOpen();
    this.#sqlite.exec(sql);
  }

  prepare(sql: string): Statement {
    this.mustBeOpen();
    return new Statement(this, keptIn(this.#kept, this.#sqlite, sql));
  }

  close(): void {
    this.mustBeOpen();
    this.#isOpen = false;
    if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
  }

  /** Throws once it is closed. */
  mustBeOpen(): void {
    if (!this.#isOpen) throw new Error('database is not open');
  }
}

/** A kept statement, as long as the connection is open. */
class Statement implements SqliteStatement {
  readonly #connection: Connection;
  readonly #kept: StatementSync;

  constructor(connection: Connection, kept: StatementSync) {
    this.#connection = connection;
    this.#kept = kept;
  }

  setReturnArrays(enabled: boolean): void {
    this.#kept.setReturnArrays(enabled);
  }

  get(...parameters: SQLInputValue[]): ReturnType<SqliteStatement['get']> {
    this.#connection.mustBeOpen();
    return this.#kept.get(...parameters);
  }

  all(...parameters: SQLInputValue[]): ReturnType<SqliteStatement['all']> {
    this.#connection.mustBeOpen();
    return this.#kept.all(...parameters);
  }

  iterate(...parameters: SQLInputValue[]): ReturnType<SqliteStatement['iterate']> {
    this.#connection.mustBeOpen();
    return this.#kept.iterate(...parameters);
  }

  run(...parameters: SQLInputValue[]): ReturnType<SqliteStatement['run']> {
    this.#connection.mustBeOpen();
    return this.#kept.run(...parameters);
  }
}
