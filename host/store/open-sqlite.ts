import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { DirectoryLock } from '#shared/program/directory-lock.ts';
import type { World } from '#shared/world/world.ts';
import { refuseEarlyAttempts } from './early-attempts.ts';
import { openFault } from './store-fault.ts';

type Row = Record<string, SQLOutputValue>;

/** A statement of sqlite's, as far as a store uses it: see `StatementSync`. */
export interface SqliteStatement {
  setReturnArrays(enabled: boolean): void;
  get(...parameters: SQLInputValue[]): Row | undefined;
  all(...parameters: SQLInputValue[]): Row[];
  iterate(...parameters: SQLInputValue[]): Iterable<Row>;
  run(...parameters: SQLInputValue[]): { readonly changes: number | bigint };
}

/** A connection of sqlite's, as far as a store uses it: see `DatabaseSync`. */
export interface Sqlite {
  readonly isOpen: boolean;
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

/** Where a database lives, and how it is kept. */
export interface DatabaseOptions {
  /** Directory of `evenkeel.db`, made if absent; without one the database lives in memory and dies with the process. */
  readonly directory?: string;
  /** Without a directory: a database in memory that somebody else keeps, so that what was committed outlives a store that crashed. */
  readonly memory?: Sqlite;
  readonly world: World;
  /** Told once, when writes were lost: nothing may leave the process any more, it has to end. */
  readonly onFatal: (error: unknown) => void;
  /** Upper bound of the page cache; memory is taken only as pages are touched. */
  readonly cacheMegabytes?: number;
  /**
   * Flushes and checkpoints run beside the event loop, which goes on with the next turn meanwhile; without it the turn that commits
   * waits for them, as virtual time must. Either way nothing counts as committed before it is flushed.
   */
  readonly flushesBeside?: boolean;
  /** Told how many bytes the log has, with `flushesBeside`, when somebody who reads the database has kept it from beginning anew for long. */
  readonly onLongLog?: (bytes: number) => void;
}

/**
 * Of the whole data directory: one that a newer Evenkeel has laid out in another way is refused. In 1 the index of the buckets did not
 * know how old objects are; it learns that when it is opened.
 */
export const LAYOUT_VERSION = 2;
/** What can be laid out anew as `LAYOUT_VERSION`, which is done only once nothing else keeps the host from starting. */
const EARLIER_LAYOUT = 1;

/** Rows of up to 2 KB stay within their page; with 4,096 the bound is 1 KB, and rows beyond cost a page each. */
export const PAGE_SIZE_BYTES = 8_192;

/** 40 MB: a larger log saves writes of hot pages, but holds up the turn that moves it, if one does, for longer. */
export const CHECKPOINT_PAGES = 5_000;

/** The lock of the directory keeps other writers out; a checkpoint that a store closed before has begun may still be running. */
export const LET_GO_WITHIN_MS = 10_000;

/** A database that is this process's alone until it is closed. */
export interface OpenedSqlite {
  readonly sqlite: Sqlite;
  /** Of its directory; none where it lives in memory. */
  readonly lock: DirectoryLock | undefined;
}

/** Opens the file durably, for this process alone. Throws `ConfigurationError` by name for what cannot be opened. */
export function openSqlite(options: DatabaseOptions): OpenedSqlite {
  const { directory } = options;
  if (directory === undefined) return { sqlite: openAt(':memory:', options), lock: undefined };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = new DirectoryLock(directory);
  try {
    return { sqlite: openAt(pathIn(directory), options), lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openAt(path: string, options: DatabaseOptions): Sqlite {
  const sqlite = options.memory ?? connect(path);
  try {
    sqlite.exec(`
      PRAGMA page_size = ${PAGE_SIZE_BYTES};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      PRAGMA cache_size = -${(options.cacheMegabytes ?? 128) * 1024};
      BEGIN IMMEDIATE; COMMIT;
    `);
    checkLayout(sqlite, path);
    return sqlite;
  } catch (error) {
    sqlite.close();
    if (error instanceof ConfigurationError) throw error;
    throw openFault(path, error);
  }
}

function connect(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: LET_GO_WITHIN_MS });
  } catch (error) {
    throw openFault(path, error);
  }
}

/** The file of the database in that directory. */
export const pathIn = (directory: string): string => join(directory, 'evenkeel.db');

function checkLayout(sqlite: Sqlite, path: string): void {
  const version = sqlite.prepare('PRAGMA user_version').get()?.user_version;
  if (version === 0) sqlite.exec(`PRAGMA user_version = ${LAYOUT_VERSION}`);
  else if (version !== LAYOUT_VERSION && version !== EARLIER_LAYOUT) {
    throw new ConfigurationError(
      `${path} has layout ${version}, this program knows layout ${LAYOUT_VERSION}`,
    );
  }
  if (version === EARLIER_LAYOUT) refuseEarlyAttempts(sqlite, path);
}
