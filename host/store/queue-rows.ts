import { type Catalog, sqlName } from './catalog.ts';
import type { Database } from './database.ts';
import { BOUND_LIMIT, type Statement } from './statement.ts';

/** A message as it is stored. */
export interface QueueRow {
  readonly id: number;
  readonly sentAtMs: number;
  readonly receiveCount: number;
  readonly body: string;
}

/** A message that is to be stored. */
export interface NewMessage {
  readonly body: string;
  readonly sentAtMs: number;
  /** When a delay ends, 0 without one. */
  readonly visibleAtMs: number;
  /** Of a dead letter: the queue it came from. */
  readonly source?: string;
}

type Cells = [id: number, sentAtMs: number, receives: number, body: string];

const COLUMNS = 'id, sent_at, receives, body';

/** The sqlite rows of one queue, in order of arrival. All writing methods belong into a write of the database. */
export class QueueRows {
  readonly #insert: Statement<[]>;
  readonly #select: Statement<Cells>;
  readonly #selectUndelayed: Statement<Cells>;
  readonly #receive: Statement<[]>;
  readonly #delete: Statement<[]>;
  readonly #deleteReceived: Statement<[]>;
  readonly #oldest: Statement<[number, number]>;
  readonly #first: Statement<[number, number]>;
  readonly #deadLetters: Statement<[number, string, string]>;
  readonly #delayed: Statement<[number, number, number]>;
  #nextId: number;
  #count: number;
  #lastSentAtMs = 0;
  /** What comes first was not sent first, by a clock that was put back: of the rows below that id one was sent then, and none before. */
  #sentBefore: { readonly belowId: number; readonly sentAtMs: number } | undefined;

  constructor(database: Database, catalog: Catalog, queue: string, nowMs: number) {
    const name = sqlName('queue', queue);
    catalog.claim(name);
    database.define(`
      CREATE TABLE IF NOT EXISTS ${name}(id INTEGER PRIMARY KEY, sent_at REAL NOT NULL, receives INTEGER NOT NULL,
        visible_at REAL NOT NULL, source TEXT, body TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS ${sqlName('delayed', queue)} ON ${name}(visible_at) WHERE visible_at > 0;
    `);
    this.#insert = database.prepare(`INSERT INTO ${name} VALUES (?, ?, 0, ?, ?, ?)`);
    this.#select = database.prepare(`SELECT ${COLUMNS} FROM ${name} WHERE id = ?`);
    this.#selectUndelayed = database.prepare(
      `SELECT ${COLUMNS} FROM ${name} WHERE id >= ? AND visible_at = 0 ORDER BY id ${BOUND_LIMIT}`,
    );
    this.#receive = database.prepare(`UPDATE ${name} SET receives = ? WHERE id = ?`);
    this.#delete = database.prepare(`DELETE FROM ${name} WHERE id = ?`);
    this.#deleteReceived = database.prepare(`DELETE FROM ${name} WHERE id = ? AND receives = ?`);
    this.#oldest = database.prepare(
      `SELECT id, sent_at FROM ${name} WHERE visible_at <= ? ORDER BY id LIMIT 1`,
    );
    this.#first = database.prepare(`SELECT id, sent_at FROM ${name} ORDER BY id ${BOUND_LIMIT}`);
    this.#deadLetters = database.prepare(
      `SELECT id, source, body FROM ${name} WHERE id >= ? AND source IS NOT NULL ORDER BY id ${BOUND_LIMIT}`,
    );
    this.#delayed = database.prepare(`SELECT id, sent_at, visible_at FROM ${name} WHERE visible_at > 0`);
    // A bare column beside one max() is that row's (sqlite.org/lang_select.html).
    const [count = 0, lastId = null, lastSentAtMs = null] =
      database
        .prepare<[number, number | null, number | null]>(`SELECT count(*), max(id), sent_at FROM ${name}`)
        .get() ?? [];
    this.#count = count;
    this.#lastSentAtMs = lastSentAtMs ?? 0;
    // From the clock, so that ids are not used again after a restart with an empty queue.
    this.#nextId = Math.max((lastId ?? 0) + 1, Math.floor(nowMs) * 1_000);
    const [id = null, sentAtMs = null] =
      database
        .prepare<[number | null, number | null]>(
          `SELECT max(id), min(sent_at) FROM (SELECT id, sent_at, lag(sent_at) OVER (ORDER BY id) AS before FROM ${name})
            WHERE sent_at < before`,
        )
        .get() ?? [];
    if (id !== null && sentAtMs !== null) this.#sentBefore = { belowId: id + 1, sentAtMs };
  }

  get count(): number {
    return this.#count;
  }

  /** The id that the next message will have. */
  get nextId(): number {
    return this.#nextId;
  }

  /** Stores a message and answers its id. */
  append({ body, sentAtMs, visibleAtMs, source }: NewMessage): number {
    const id = this.#nextId++;
    if (sentAtMs < this.#lastSentAtMs)
      this.#sentBefore = {
        belowId: id + 1,
        sentAtMs: Math.min(sentAtMs, this.#sentBefore?.sentAtMs ?? sentAtMs),
      };
    this.#lastSentAtMs = sentAtMs;
    this.#insert.run(id, sentAtMs, visibleAtMs, source ?? null, body);
    this.#count += 1;
    return id;
  }

  find(id: number): QueueRow | undefined {
    const cells = this.#select.get(id);
    return cells === undefined ? undefined : queueRow(cells);
  }

  /** The first messages from `fromId` on that were sent without a delay. */
  undelayed(fromId: number, limit: number): QueueRow[] {
    return this.#selectUndelayed.all(fromId, limit).map(queueRow);
  }

  /** Ids of messages sent with a delay, when they were sent, and when it ends. */
  delayed(): { readonly id: number; readonly sentAtMs: number; readonly visibleAtMs: number }[] {
    return this.#delayed.all().map(([id, sentAtMs, visibleAtMs]) => ({ id, sentAtMs, visibleAtMs }));
  }

  /** Notes how often a message has been received. */
  noteReceived(id: number, receiveCount: number): void {
    this.#receive.run(receiveCount, id);
  }

  /** Removes a message, if it has been received as often as that where a count is named; answers whether it did. */
  remove(id: number, receiveCount?: number): boolean {
    const { changes } =
      receiveCount === undefined ? this.#delete.run(id) : this.#deleteReceived.run(id, receiveCount);
    const isRemoved = Number(changes) > 0;
    if (isRemoved) this.#count -= 1;
    if (this.#count === 0) {
      this.#lastSentAtMs = 0;
      this.#sentBefore = undefined;
    }
    return isRemoved;
  }

  /** When the oldest message that is not delayed was sent, at the earliest. */
  oldestSentAtMs(nowMs: number): number | undefined {
    const [id, sentAtMs] = this.#oldest.get(nowMs) ?? [];
    if (id === undefined || sentAtMs === undefined) return undefined;
    const { belowId, sentAtMs: beforeMs } = this.#sentBefore ?? { belowId: 0, sentAtMs };
    return id < belowId ? Math.min(sentAtMs, beforeMs) : sentAtMs;
  }

  /** Ids of messages sent before `limitMs` among the first `limit` of the queue. */
  sentBefore(limitMs: number, limit: number): number[] {
    return this.#first.all(limit).flatMap(([id, sentAtMs]) => (sentAtMs <= limitMs ? [id] : []));
  }

  /** Dead letters from `fromId` on, with the queue they came from. */
  deadLetters(
    fromId: number,
    limit: number,
  ): { readonly id: number; readonly source: string; readonly body: string }[] {
    return this.#deadLetters.all(fromId, limit).map(([id, source, body]) => ({ id, source, body }));
  }
}

function queueRow([id, sentAtMs, receiveCount, body]: Cells): QueueRow {
  return { id, sentAtMs, receiveCount, body };
}
