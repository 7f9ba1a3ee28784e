import type { Item, Key } from '#shared/capabilities/table.ts';
import type { Catalog } from './catalog.ts';
import { sqlName } from './catalog.ts';
import type { Database } from './database.ts';
import { SideRows } from './side-rows.ts';
import { BOUND_LIMIT, type Statement } from './statement.ts';

/** DynamoDB leaves items alone whose expiry is more than five years past: more likely a mistake than a wish. */
const TOO_LONG_PAST_SECONDS = 5 * 365 * 24 * 60 * 60;

/** Which items of a table may be removed when: rows of those whose TTL attribute is a number (of seconds since 1970). */
export class ExpiryRows {
  readonly #rows: SideRows;
  readonly #due: Statement<[string, string]>;

  constructor(database: Database, catalog: Catalog, table: string, attribute: string) {
    const name = sqlName('expiry', table);
    this.#rows = new SideRows(database, catalog, sqlName('table', table), {
      name,
      types: ['REAL'],
      attributes: [attribute],
      cellsOf: (item) => {
        const expiresAt = item[attribute];
        return typeof expiresAt === 'number' ? [expiresAt] : undefined;
      },
    });
    this.#due = database.prepare(
      `SELECT pk, sk FROM ${name} WHERE k1 > ? AND k1 <= ? ORDER BY k1 ${BOUND_LIMIT}`,
    );
  }

  /** Keys of at most `limit` items that have expired, the earliest first. */
  due(nowMs: number, limit: number): Key[] {
    const nowSeconds = Math.floor(nowMs / 1000);
    return this.#due
      .all(nowSeconds - TOO_LONG_PAST_SECONDS, nowSeconds, limit)
      .map(([pk, sk]) => ({ pk, sk }));
  }

  move(key: Key, before: Item | undefined, after: Item | undefined): void {
    this.#rows.move(key, before, after);
  }
}
