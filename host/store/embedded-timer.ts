import { checkTimer } from '#shared/capabilities/limits/timer.ts';
import type { Timer } from '#shared/capabilities/timer.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import { type Catalog, sqlName } from './catalog.ts';
import type { Database } from './database.ts';
import type { EmbeddedQueue } from './embedded-queue.ts';
import { BOUND_LIMIT } from './statement.ts';

/** Few enough that a crowd of timers does not hold up a turn. */
const DUE_AT_ONCE = 500;

/** What a timer group stands on; `queue` is where its messages go. */
export interface TimerParts {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly world: World;
  readonly queue: EmbeddedQueue;
}

/** Durable one-shot timers: a timer is removed in the transaction that sends its message, so it sends exactly once. */
export class EmbeddedTimer implements Timer {
  readonly #parts: TimerParts;
  readonly #name: string;
  #armedForMs = Number.POSITIVE_INFINITY;
  #disarm: Cancel | undefined;

  /** Opens the group of timers called `name`; what fell due while nobody ran is sent at once. */
  constructor(parts: TimerParts, name: string) {
    this.#parts = parts;
    this.#name = sqlName('timers', name);
    parts.catalog.claim(this.#name);
    parts.database.define(`
      CREATE TABLE IF NOT EXISTS ${this.#name}(name TEXT PRIMARY KEY, at_ms REAL NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS ${sqlName('due', name)} ON ${this.#name}(at_ms);
    `);
    this.#arm();
  }

  async set(name: string, atMs: number, body: string): Promise<void> {
    checkTimer(name, atMs, body);
    const { database } = this.#parts;
    database.write(() =>
      database.prepare(`INSERT OR REPLACE INTO ${this.#name} VALUES (?, ?, ?)`).run(name, atMs, body),
    );
    this.#arm();
    await database.committed();
  }

  async cancel(name: string): Promise<void> {
    const { database } = this.#parts;
    database.write(() => database.prepare(`DELETE FROM ${this.#name} WHERE name = ?`).run(name));
    await database.committed();
  }

  /** Ends the world's timer; the durable ones stay. */
  close(): void {
    this.#disarm?.();
    this.#disarm = undefined;
  }

  #arm(): void {
    const { database, world } = this.#parts;
    const next =
      database.prepare<[number | null]>(`SELECT min(at_ms) FROM ${this.#name}`).get()?.[0] ?? undefined;
    if (next === undefined || next >= this.#armedForMs) return;
    this.#disarm?.();
    this.#armedForMs = next;
    this.#disarm = world.after(next - world.now(), () => this.#run());
  }

  #run(): void {
    const { database, world, queue } = this.#parts;
    this.#armedForMs = Number.POSITIVE_INFINITY;
    const due = database
      .prepare<[string, string]>(
        `SELECT name, body FROM ${this.#name} WHERE at_ms <= ? ORDER BY at_ms ${BOUND_LIMIT}`,
      )
      .all(world.now(), DUE_AT_ONCE);
    database.write(() => {
      for (const [name, body] of due) {
        queue.enqueue({ body });
        database.prepare(`DELETE FROM ${this.#name} WHERE name = ?`).run(name);
      }
    });
    this.#arm();
  }
}
