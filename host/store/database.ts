import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { ConfigurationError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';

/** What a column holds here: text, a double, or nothing. */
export type Cell = string | number | null;

/** A prepared statement; `Row` is what its SQL selects, column by column. */
export interface Statement<Row extends readonly Cell[]> {
  get(...parameters: SQLInputValue[]): Row | undefined;
  all(...parameters: SQLInputValue[]): Row[];
  iterate(...parameters: SQLInputValue[]): Iterable<Row>;
  run(...parameters: SQLInputValue[]): { readonly changes: number | bigint };
}

export interface DatabaseOptions {
  /** Directory of `evenkeel.db`, made if absent; without one the database lives in memory and dies with the process. */
  readonly directory?: string;
  /**
   * Without a directory: the name of a database in memory that all connections of this process share, so that what was
   * committed outlives a store that crashed, as long as anybody keeps it open.
   */
  readonly memoryName?: string;
  readonly world: World;
  /** Told once, when writes were lost: nothing may leave the process any more, it has to end. */
  readonly onFatal: (error: unknown) => void;
  /** Upper bound of the page cache; memory is taken only as pages are touched. */
  readonly cacheMegabytes?: number;
}

/** Refuses files that a newer Evenkeel has laid out in another way. */
const LAYOUT_VERSION = 1;

/** Rows of up to 2 KB stay within their page; with 4,096 the bound is 1 KB, and rows beyond cost a page each. */
const PAGE_SIZE_BYTES = 8_192;

/** 40 MB (10,000 pages of 4,096): a larger log saves writes of hot pages, but holds up the turn that moves it for longer. */
const CHECKPOINT_BYTES = 10_000 * 4_096;

const DONE = Promise.resolve();

/**
 * One sqlite file whose writes are committed together at the end of the event-loop turn that they were made in.
 *
 * Reads see what was written before them, committed or not. Whoever lets something out of the process (PUBLISH, PUBACK,
 * HTTP answer, renamed file) waits for `committed()` first, so that nobody outside ever knows more than the disk.
 */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #world: World;
  readonly #onFatal: (error: unknown) => void;
  readonly #statements = new Map<string, Statement<readonly Cell[]>>();
  readonly #begin: Statement<readonly Cell[]>;
  readonly #commit: Statement<readonly Cell[]>;
  #turn: PromiseWithResolvers<void> | undefined;
  #afterCommit: (() => void)[] = [];

  /** Throws `ConfigurationError` when another process holds the file, or a newer version has written it. */
  constructor(options: DatabaseOptions) {
    this.#world = options.world;
    this.#onFatal = options.onFatal;
    this.#sqlite = open(options);
    this.#begin = this.prepare('BEGIN IMMEDIATE');
    this.#commit = this.prepare('COMMIT');
  }

  /** The statement for this SQL, prepared once and kept: SQL texts must be few, values go in as parameters. */
  prepare<Row extends readonly Cell[] = readonly Cell[]>(sql: string): Statement<Row> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      const prepared = this.#sqlite.prepare(sql);
      prepared.setReturnArrays(true);
      // With setReturnArrays rows are arrays of cells, which the type of StatementSync does not follow.
      statement = prepared as unknown as Statement<readonly Cell[]>;
      this.#statements.set(sql, statement);
    }
    // Only the author of the SQL knows what it selects.
    return statement as Statement<Row>;
  }

  /**
   * Runs `run`, whose statements belong to this turn's transaction. Whatever may be refused must be refused before: a
   * throw from here has left half an operation behind, and ends the process.
   */
  write<T>(run: () => T): T {
    try {
      if (this.#turn === undefined) this.#beginTurn();
      return run();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Changes what tables there are, within this turn's transaction. */
  define(sql: string): void {
    this.write(() => this.#sqlite.exec(sql));
  }

  /** Resolves once everything that may have been read so far is on disk; costs nothing when it already is. */
  committed(): Promise<void> {
    return this.#turn === undefined ? DONE : this.#turn.promise;
  }

  /** Runs `run` once this turn's transaction is on disk; at the next end of a turn when there is none. */
  afterCommit(run: () => void): void {
    if (this.#turn === undefined) this.#world.endOfTurn(run);
    else this.#afterCommit.push(run);
  }

  /** Commits what is open and closes the file. */
  close(): void {
    if (!this.#sqlite.isOpen) return;
    this.#endTurn();
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }

  /** Closes as a crash would: what this turn has written is lost, and whoever waits for it waits for ever. */
  crash(): void {
    if (this.#sqlite.isOpen) this.#sqlite.close();
    this.#afterCommit = [];
  }

  #beginTurn(): void {
    if (!this.#sqlite.isOpen) throw new UnknownOutcomeError('the store is closed');
    this.#begin.run();
    this.#turn = Promise.withResolvers();
    this.#world.endOfTurn(() => this.#endTurn());
  }

  #endTurn(): void {
    const turn = this.#turn;
    if (turn === undefined) return;
    if (!this.#sqlite.isOpen) return;
    try {
      this.#commit.run();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#turn = undefined;
    turn.resolve();
    const waiting = this.#afterCommit;
    this.#afterCommit = [];
    for (const run of waiting) run();
  }

  #fail(error: unknown): UnknownOutcomeError {
    const lost = new UnknownOutcomeError('the store failed and takes no more calls', { cause: error });
    if (!this.#sqlite.isOpen) return lost;
    this.#sqlite.close();
    this.#afterCommit = [];
    const turn = this.#turn;
    this.#turn = Promise.withResolvers();
    for (const failed of [turn, this.#turn]) {
      // Told through onFatal; a write of this turn whose promise nobody holds is no second failure.
      failed?.promise.catch(() => undefined);
      failed?.reject(lost);
    }
    this.#onFatal(error);
    return lost;
  }
}

function open(options: DatabaseOptions): DatabaseSync {
  if (options.directory !== undefined) mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const path = pathOf(options);
  const sqlite = new DatabaseSync(path);
  try {
    sqlite.exec(`
      PRAGMA page_size = ${PAGE_SIZE_BYTES};
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = ${Math.round(CHECKPOINT_BYTES / PAGE_SIZE_BYTES)};
      PRAGMA cache_size = -${(options.cacheMegabytes ?? 128) * 1024};
      BEGIN IMMEDIATE; COMMIT;
    `);
    checkLayout(sqlite, path);
    return sqlite;
  } catch (error) {
    sqlite.close();
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError(`${path} cannot be opened, or another process uses it`, { cause: error });
  }
}

function pathOf({ directory, memoryName }: DatabaseOptions): string {
  if (directory !== undefined) return join(directory, 'evenkeel.db');
  return memoryName === undefined ? ':memory:' : `file:${memoryName}?mode=memory&cache=shared`;
}

function checkLayout(sqlite: DatabaseSync, path: string): void {
  const version = sqlite.prepare('PRAGMA user_version').get()?.user_version;
  if (version === 0) sqlite.exec(`PRAGMA user_version = ${LAYOUT_VERSION}`);
  else if (version !== LAYOUT_VERSION) {
    throw new ConfigurationError(
      `${path} has layout ${version}, this program knows layout ${LAYOUT_VERSION}`,
    );
  }
}
