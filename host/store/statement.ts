import type { SQLInputValue } from 'node:sqlite';
import type { Sqlite } from './open-sqlite.ts';

/**
 * SQL for a limit that is a parameter. sqlite's planner looks at the number of a plain `LIMIT ?`, and so compiles the statement again
 * each time one is bound, which takes ten times as long as reading a few rows; into an expression it does not look.
 */
export const BOUND_LIMIT = 'LIMIT ? + 0';

/** What a column holds here: text, a double, or nothing. */
export type Cell = string | number | null;

/** A prepared statement; `Row` is what its SQL selects, column by column. */
export interface Statement<Row extends readonly Cell[]> {
  get(...parameters: SQLInputValue[]): Row | undefined;
  all(...parameters: SQLInputValue[]): Row[];
  iterate(...parameters: SQLInputValue[]): Iterable<Row>;
  run(...parameters: SQLInputValue[]): { readonly changes: number | bigint };
}

/** A statement that is prepared when it is first used. */
export class LateStatement implements Statement<readonly Cell[]> {
  readonly #sqlite: Sqlite;
  readonly #sql: string;
  #prepared: Statement<readonly Cell[]> | undefined;

  constructor(sqlite: Sqlite, sql: string) {
    this.#sqlite = sqlite;
    this.#sql = sql;
  }

  get(...parameters: SQLInputValue[]): readonly Cell[] | undefined {
    return (this.#prepared ?? this.#prepare()).get(...parameters);
  }

  all(...parameters: SQLInputValue[]): (readonly Cell[])[] {
    return (this.#prepared ?? this.#prepare()).all(...parameters);
  }

  iterate(...parameters: SQLInputValue[]): Iterable<readonly Cell[]> {
    return (this.#prepared ?? this.#prepare()).iterate(...parameters);
  }

  run(...parameters: SQLInputValue[]): { readonly changes: number | bigint } {
    return (this.#prepared ?? this.#prepare()).run(...parameters);
  }

  #prepare(): Statement<readonly Cell[]> {
    const prepared = this.#sqlite.prepare(this.#sql);
    prepared.setReturnArrays(true);
    // With setReturnArrays rows are arrays of cells, which the type of StatementSync does not follow.
    this.#prepared = prepared as unknown as Statement<readonly Cell[]>;
    return this.#prepared;
  }
}
