import { hash } from 'node:crypto';
import { checkToken } from '#shared/capabilities/limits/transaction.ts';
import type { TransactWrite } from '#shared/capabilities/table.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import type { Database } from './database.ts';

/** DynamoDB: a token is good for ten minutes. */
const TOKEN_LIFE_MS = 10 * 60 * 1000;

/**
 * The tokens of the transactions written in the last ten minutes, over all tables.
 *
 * Two tables take turns of ten minutes each, so that old tokens go by emptying a table at once and not row by row.
 */
export class TransactionTokens {
  readonly #database: Database;
  readonly #world: World;
  #generation: number;

  constructor(database: Database, world: World) {
    this.#database = database;
    this.#world = world;
    database.define(`
      CREATE TABLE IF NOT EXISTS token_generation(generation INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS tokens_0(token TEXT PRIMARY KEY, digest TEXT NOT NULL, at_ms REAL NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS tokens_1(token TEXT PRIMARY KEY, digest TEXT NOT NULL, at_ms REAL NOT NULL) WITHOUT ROWID;
    `);
    this.#generation = database.prepare<[number]>('SELECT generation FROM token_generation').get()?.[0] ?? -1;
  }

  /** What makes two requests the same: the table and the writes, in order. */
  digestOf(table: string, writes: readonly TransactWrite[]): string {
    return hash('sha256', JSON.stringify([table, writes]), 'base64');
  }

  /**
   * Whether that very transaction was written within the last ten minutes. Throws `RefusedError` when the token was
   * used for another one, or is not 1 to 36 characters.
   */
  isWritten(token: string, digest: string): boolean {
    checkToken(token);
    for (const parity of [0, 1]) {
      const found = this.#database
        .prepare<[string, number]>(`SELECT digest, at_ms FROM tokens_${parity} WHERE token = ?`)
        .get(token);
      if (found === undefined || found[1] <= this.#world.now() - TOKEN_LIFE_MS) continue;
      if (found[0] !== digest) throw new RefusedError('token', 'was used for another transaction');
      return true;
    }
    return false;
  }

  /** Keeps the token of a transaction that is being written, within the same write. */
  keep(token: string, digest: string): void {
    const nowMs = this.#world.now();
    const generation = Math.floor(nowMs / TOKEN_LIFE_MS);
    // A clock that was set back must not empty the table that holds the latest tokens; set back far, it goes on with the other one, because
    // waiting until it has come that far again would keep all tokens until then.
    if (generation > this.#generation) this.#turnOver(generation);
    else if (generation < this.#generation - 1) {
      this.#turnOver((this.#generation - generation) % 2 === 0 ? generation + 1 : generation);
    }
    this.#database
      .prepare(`INSERT OR REPLACE INTO tokens_${this.#generation % 2} VALUES (?, ?, ?)`)
      .run(token, digest, nowMs);
  }

  #turnOver(generation: number): void {
    if (generation > this.#generation + 1)
      this.#database.prepare(`DELETE FROM tokens_${(generation + 1) % 2}`).run();
    this.#database.prepare(`DELETE FROM tokens_${generation % 2}`).run();
    this.#database.prepare('DELETE FROM token_generation').run();
    this.#database.prepare('INSERT INTO token_generation VALUES (?)').run(generation);
    this.#generation = generation;
  }
}
