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

  /** What is committed now, to be put back once no store has it open; nothing in the middle of a turn, while a transaction is open. */
  copy(): (() => void) | undefined {
    if (this.#sqlite.isTransaction) return undefined;
    const tables = this.#tables().map((name) => ({
      name,
      rows: this.#sqlite.prepare(`SELECT * FROM "${name}"`).all(),
    }));
    return () => {
      this.#sqlite.exec('BEGIN');
      for (const name of this.#tables()) this.#sqlite.exec(`DELETE FROM "${name}"`);
      for (const { name, rows } of tables)
        for (const row of rows) {
          const columns = Object.keys(row);
          const [names, values] = [columns.map((one) => `"${one}"`), columns.map(() => '?')];
          keptIn(
            this.#reads,
            this.#sqlite,
            `INSERT INTO "${name}" (${names.join()}) VALUES (${values.join()})`,
          ).run(...Object.values(row));
        }
      this.#sqlite.exec('COMMIT');
    };
  }

  #tables(): string[] {
    const found = this.read(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('catalog') AND name NOT LIKE 'sqlite_%'`,
    );
    return found.map(({ name }) => String(name));
  }

  /** The history is over, and no store has it open. What is laid out stays, with the catalog that says so. */
  giveBack(): void {
    this.#sqlite.exec(
      this.#tables()
        .map((name) => `DELETE FROM "${name}";`)
        .join(''),
    );
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
