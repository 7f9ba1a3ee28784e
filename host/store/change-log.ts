import { itemOf } from '#shared/capabilities/limits/item-text.ts';
import type { Change, Item, Key } from '#shared/capabilities/table.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import { sqlName } from './catalog.ts';
import type { Database } from './database.ts';
import { Listeners } from './listeners.ts';
import { ServedTime } from './served-time.ts';
import { BOUND_LIMIT, type Statement } from './statement.ts';
import type { StoredItem } from './stored-item.ts';

/** DynamoDB Streams keeps a change for 24 hours, whether or not it was read; here, of the hours in which the host runs. */
const RETENTION_MS = 24 * 60 * 60 * 1000;

/** A change with its place in the stream; `sequence` only grows, with gaps. */
export interface RecordedChange extends Change {
  readonly sequence: number;
  /** When it was written, milliseconds since 1970. */
  readonly atMs: number;
}

type Row = [
  sequence: number,
  atMs: number,
  pk: string,
  sk: string,
  before: string | null,
  after: string | null,
];

/**
 * The change stream of one table: every change in order, written in the same transaction as the change itself, with a
 * durable position for each consumer.
 */
export class ChangeLog {
  readonly #database: Database;
  readonly #world: World;
  readonly #served: ServedTime;
  readonly #name: string;
  readonly #table: string;
  readonly #listeners: Listeners;
  readonly #append: Statement<[]>;
  #last: number;
  #isWanted: ((change: Change) => boolean) | undefined;

  constructor(database: Database, world: World, table: string) {
    this.#database = database;
    this.#world = world;
    this.#served = new ServedTime(world);
    this.#table = table;
    this.#name = sqlName('changes', table);
    this.#listeners = new Listeners(database);
    database.define(`
      CREATE TABLE IF NOT EXISTS ${this.#name}(sequence INTEGER PRIMARY KEY, at_ms REAL NOT NULL,
        pk TEXT NOT NULL, sk TEXT NOT NULL, before TEXT, after TEXT);
      CREATE TABLE IF NOT EXISTS stream_positions(stream TEXT, consumer TEXT, sequence INTEGER NOT NULL,
        PRIMARY KEY(stream, consumer)) WITHOUT ROWID;
    `);
    this.#append = database.prepare(`INSERT INTO ${this.#name} VALUES (?, ?, ?, ?, ?, ?)`);
    // The last change is never trimmed, so that sequences go on from it and are not used twice.
    this.#last = database.prepare<[number | null]>(`SELECT max(sequence) FROM ${this.#name}`).get()?.[0] ?? 0;
  }

  /** Sequence of the latest change, 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /**
   * From now on keeps only the changes that `isWanted` says: for a stream whose every consumer filters, because what
   * nobody will be shown need not be written.
   */
  keepOnly(isWanted: (change: Change) => boolean): void {
    this.#isWanted = isWanted;
  }

  /** Notes one change within the present write. */
  append(keys: Key, before: StoredItem | undefined, after: StoredItem | undefined): void {
    if (this.#isWanted !== undefined && !this.#isWanted(changeOf(keys, before?.item, after?.item))) return;
    this.#last += 1;
    this.#append.run(
      this.#last,
      this.#world.now(),
      keys.pk,
      keys.sk,
      before?.text ?? null,
      after?.text ?? null,
    );
    this.#listeners.tellAfterCommit();
  }

  /** When the first change after that sequence was written, milliseconds since 1970; `undefined` where none has come. */
  nextAtMs(afterSequence: number): number | undefined {
    if (afterSequence >= this.#last) return undefined;
    return this.#database
      .prepare<[number]>(`SELECT at_ms FROM ${this.#name} WHERE sequence > ? ORDER BY sequence LIMIT 1`)
      .get(afterSequence)?.[0];
  }

  /** The next changes after `afterSequence` (0: from the oldest that is kept), at most `limit`, in order. */
  read(afterSequence: number, limit: number): RecordedChange[] {
    return this.#database
      .prepare<Row>(`SELECT * FROM ${this.#name} WHERE sequence > ? ORDER BY sequence ${BOUND_LIMIT}`)
      .all(afterSequence, limit)
      .map(recordedChange);
  }

  /**
   * The position that `consumer` last kept. A new one begins before the oldest change that is kept, or after the latest,
   * and from then on nothing of the last 24 hours is removed before it has read it; so all consumers join before any of them reads.
   */
  async join(consumer: string, startingPosition: 'TRIM_HORIZON' | 'LATEST'): Promise<number> {
    this.#database.write(() =>
      this.#database
        .prepare('INSERT OR IGNORE INTO stream_positions VALUES (?, ?, ?)')
        .run(this.#table, consumer, startingPosition === 'LATEST' ? this.#last : 0),
    );
    await this.#database.committed();
    const row = this.#database
      .prepare<[number]>('SELECT sequence FROM stream_positions WHERE stream = ? AND consumer = ?')
      .get(this.#table, consumer);
    return row?.[0] ?? 0;
  }

  /** Keeps that `consumer` is done with everything up to `sequence`; what all consumers are done with is removed. */
  async checkpoint(consumer: string, sequence: number): Promise<void> {
    this.#database.write(() => {
      this.#database
        .prepare('INSERT OR REPLACE INTO stream_positions VALUES (?, ?, ?)')
        .run(this.#table, consumer, sequence);
      this.#trimTo(this.#slowest());
    });
    await this.#database.committed();
  }

  /** Calls `run` after each commit that added changes. */
  onChange(run: () => void): Cancel {
    return this.#listeners.add(run);
  }

  /** Removes at most `limit` changes that are older than 24 hours, read or not; answers how many. */
  trim(limit: number): number {
    const retainedFromMs = this.#served.retainedFromMs(RETENTION_MS);
    const expired = this.#database
      .prepare<[number, number]>(
        `SELECT sequence, at_ms FROM ${this.#name} WHERE sequence < ? ORDER BY sequence ${BOUND_LIMIT}`,
      )
      .all(this.#last, limit)
      .filter(([, atMs]) => atMs <= retainedFromMs);
    const newest = expired.at(-1)?.[0];
    if (newest !== undefined) this.#database.write(() => this.#trimTo(newest));
    return expired.length;
  }

  #slowest(): number {
    return (
      this.#database
        .prepare<[number]>('SELECT min(sequence) FROM stream_positions WHERE stream = ?')
        .get(this.#table)?.[0] ?? 0
    );
  }

  #trimTo(sequence: number): void {
    this.#database
      .prepare(`DELETE FROM ${this.#name} WHERE sequence <= ? AND sequence < ?`)
      .run(sequence, this.#last);
  }
}

function recordedChange([sequence, atMs, pk, sk, before, after]: Row): RecordedChange {
  const keys = { pk, sk };
  return { sequence, atMs, ...changeOf(keys, itemIn(before), itemIn(after)) };
}

function itemIn(text: string | null): Item | undefined {
  return text === null ? undefined : itemOf(text);
}

function changeOf(keys: Key, before: Item | undefined, after: Item | undefined): Change {
  return { keys: { pk: keys.pk, sk: keys.sk }, ...(before && { before }), ...(after && { after }) };
}
