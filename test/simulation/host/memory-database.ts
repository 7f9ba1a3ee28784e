import { DatabaseSync } from 'node:sqlite';

/** Databases of histories that are over, emptied: laying tables out anew takes longer than emptying them. */
const spare: MemoryDatabase[] = [];
let made = 0;

/**
 * The disk of one history: a database in memory that outlives every connection of the host, as long as this one is open. It is never
 * closed but emptied, and is then the empty disk of a history to come.
 */
export class MemoryDatabase {
  /** What the host's store opens it by; names are shared by the whole process. */
  readonly name: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();

  private constructor() {
    this.name = `simulated-${++made}`;
    this.#connection = new DatabaseSync(`file:${this.name}?mode=memory&cache=shared`);
  }

  /** An empty one, for this history alone. */
  static take(): MemoryDatabase {
    return spare.pop() ?? new MemoryDatabase();
  }

  /** Rows as they are committed, past the host and its store. */
  read(sql: string): Record<string, unknown>[] {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement.all();
  }

  /** The history is over, and no store has it open. What is laid out stays, with the catalog that says so. */
  giveBack(): void {
    const tables = this.read(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('catalog') AND name NOT LIKE 'sqlite_%'`,
    );
    this.#connection.exec(tables.map(({ name }) => `DELETE FROM "${String(name)}";`).join(''));
    spare.push(this);
  }
}
