import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LET_GO_WITHIN_MS } from '#host/store/open-sqlite.ts';
import { openFault } from '#host/store/store-fault.ts';

/**
 * What the bucket files are and who they belong to. A file under a bucket's directory is immutable bytes under a random
 * name; it becomes part of an object in the transaction that writes its row here, and a file without a row is garbage.
 *
 * - `parts`: the files of a blob in order; a blob is the bytes behind one or (after a copy) several object versions.
 * - `versions`: object versions; the one with no `retired_at_ms` is the latest. `told` is 0 until its creation was recorded;
 *   `created_at_ms` is when it came, or when an index that did not know it was first opened by a version that does.
 * - `uploads`: multipart uploads; `upload_id` is the blob that their parts gather in; `version` is set by completion.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS parts (
    blob TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL UNIQUE, size_bytes INTEGER NOT NULL,
    etag TEXT NOT NULL, PRIMARY KEY (blob, number)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS versions (
    bucket TEXT NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL, blob TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    etag TEXT NOT NULL, retired_at_ms INTEGER, told INTEGER NOT NULL, PRIMARY KEY (bucket, key, version)
  ) WITHOUT ROWID, STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS latest ON versions (bucket, key) WHERE retired_at_ms IS NULL;
  CREATE INDEX IF NOT EXISTS retired ON versions (retired_at_ms) WHERE retired_at_ms IS NOT NULL;
  CREATE INDEX IF NOT EXISTS untold ON versions (told) WHERE told = 0;
  CREATE INDEX IF NOT EXISTS sharers ON versions (blob);
  CREATE TABLE IF NOT EXISTS uploads (
    upload_id TEXT NOT NULL PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    part_size_bytes INTEGER NOT NULL, touched_at_ms INTEGER NOT NULL, version TEXT
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX IF NOT EXISTS oldest ON uploads (touched_at_ms);
`;

/** The index in the directory of the buckets. */
export const indexIn = (directory: string): string => join(directory, 'index.sqlite');

/**
 * Opens (or makes) the index of all buckets at `path`. Every commit is durable when it returns. Others may read it meanwhile (a backup
 * does), so that it is no lock of the directory. `nowMs` is the time. Throws `ConfigurationError` when it cannot be, by name.
 */
export function openIndexDatabase(path: string, nowMs: number): DatabaseSync {
  try {
    // Who reads may hold the index for as long as it takes to look at its head.
    const database = new DatabaseSync(path, { timeout: LET_GO_WITHIN_MS });
    database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;');
    database.exec(SCHEMA);
    inTransaction(database, () => knowAges(database, nowMs));
    return database;
  } catch (cause) {
    throw openFault(path, cause);
  }
}

/** Gives objects their ages. Those of an index that had none count from now on, so that none is removed too early. */
function knowAges(database: DatabaseSync, nowMs: number): void {
  const columns = database.prepare('PRAGMA table_info(versions)').all();
  if (!columns.some(({ name }) => name === 'created_at_ms')) {
    // A default is what rows have that were there before: giving it takes no longer for a million of them.
    database.exec(
      `ALTER TABLE versions ADD COLUMN created_at_ms INTEGER NOT NULL DEFAULT ${Math.floor(nowMs)}`,
    );
  }
  database.exec(
    'CREATE INDEX IF NOT EXISTS ages ON versions (bucket, created_at_ms) WHERE retired_at_ms IS NULL',
  );
}

/** Runs `change` in one transaction: all of it is durable when this returns, none of it when it throws. */
export function inTransaction<T>(database: DatabaseSync, change: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = change();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
