import type { DatabaseSync } from 'node:sqlite';
import { sqlName } from './catalog.ts';
import { BOUND_LIMIT } from './statement.ts';

/** Read in one piece; a transaction of a reader that lasts keeps the log of the host from beginning anew. */
const PAGE = 100;

/** A message as it lies in a queue. */
export interface Letter {
  readonly messageId: string;
  readonly sentAtMs: number;
  readonly body: string;
}

/** The messages of one queue, for who only looks: beside a host that serves, and without taking any. */
export class Letters {
  readonly #sqlite: DatabaseSync;
  readonly #name: string;
  readonly #isThere: boolean;

  /** `queue` may be one that no host has laid out in this database yet: nothing is in it. */
  constructor(sqlite: DatabaseSync, queue: string) {
    this.#sqlite = sqlite;
    this.#name = sqlName('queue', queue);
    const found = sqlite.prepare('SELECT 1 FROM sqlite_schema WHERE type = ? AND name = ?');
    this.#isThere = found.get('table', `queue:${queue}`) !== undefined;
  }

  /** How many there are, and when the oldest was sent (milliseconds since 1970; absent where there is none). */
  count(): { readonly letters: number; readonly oldestSentAtMs?: number } {
    if (!this.#isThere) return { letters: 0 };
    const row = this.#sqlite
      .prepare(
        `SELECT count(*) AS letters, (SELECT sent_at FROM ${this.#name} ORDER BY id LIMIT 1) AS oldest FROM ${this.#name}`,
      )
      .get();
    const letters = Number(row?.letters);
    return letters === 0 ? { letters } : { letters, oldestSentAtMs: Number(row?.oldest) };
  }

  /** All of them, the oldest first. */
  *all(): Generator<Letter> {
    if (!this.#isThere) return;
    const page = this.#sqlite.prepare(
      `SELECT id, sent_at, body FROM ${this.#name} WHERE id > ? ORDER BY id ${BOUND_LIMIT}`,
    );
    for (let lastId = -1; ; ) {
      const rows = page.all(lastId, PAGE);
      for (const { id, sent_at: sentAtMs, body } of rows) {
        lastId = Number(id);
        yield { messageId: String(id), sentAtMs: Number(sentAtMs), body: String(body) };
      }
      if (rows.length < PAGE) return;
    }
  }
}
