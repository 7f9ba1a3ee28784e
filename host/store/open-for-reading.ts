import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { LET_GO_WITHIN_MS } from './open-sqlite.ts';

/** A connection that only reads, and takes away with it the log that it made. */
class ReadDatabase extends DatabaseSync {
  readonly #path: string;
  /** Whether nobody had the database open, and nobody had died with it open. */
  readonly #wasInOrder: boolean;

  constructor(path: string) {
    const wasInOrder = !existsSync(`${path}-wal`) && !existsSync(`${path}-shm`);
    super(path, { readOnly: true, timeout: LET_GO_WITHIN_MS });
    this.#path = path;
    this.#wasInOrder = wasInOrder;
  }

  override close(): void {
    super.close();
    // One that was there before must stay as it is: an empty one is what is left where somebody has lost it.
    if (this.#wasInOrder && isEmpty(`${this.#path}-wal`)) takeLogAway(this.#path);
  }

  override [Symbol.dispose](): void {
    if (this.isOpen) this.close();
  }
}

const isEmpty = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.size === 0;

/**
 * sqlite makes a log for whoever reads, and leaves it to the last one who may write, who removes it unless somebody else has the database open
 * (sqlite.org/wal.html#read_only_databases). A start after a crash would take an empty one for one that was lost.
 */
function takeLogAway(path: string): void {
  using sqlite = new DatabaseSync(path, { timeout: LET_GO_WITHIN_MS });
  sqlite.prepare('SELECT count(*) FROM sqlite_schema').get();
}

/**
 * Opens the database at `path` beside whoever writes it, who is not held up: each statement (or each transaction) sees what was committed when
 * it began. Keep transactions short, for as long as one lasts the writer's log grows. Closed, it leaves no log where none was. Throws
 * `ConfigurationError` where there is none, or one that cannot be read.
 */
export function openForReading(path: string): DatabaseSync {
  if (!existsSync(path))
    throw new ConfigurationError(`${path} is not there: no host has been started in it yet`);
  let sqlite: DatabaseSync | undefined;
  try {
    sqlite = new ReadDatabase(path);
    sqlite.prepare('SELECT count(*) FROM sqlite_schema').get();
    return sqlite;
  } catch (error) {
    sqlite?.close();
    throw new ConfigurationError(`${path} cannot be read: ${String(error)}`, { cause: error });
  }
}
