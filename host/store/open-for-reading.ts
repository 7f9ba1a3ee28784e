import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { LET_GO_WITHIN_MS } from './open-sqlite.ts';

/**
 * Opens the database at `path` beside whoever writes it, who is not held up: each statement (or each transaction) sees what was committed when
 * it began. Keep transactions short, for as long as one lasts the writer's log grows. Throws `ConfigurationError` where there is none, or one
 * that cannot be read.
 */
export function openForReading(path: string): DatabaseSync {
  if (!existsSync(path))
    throw new ConfigurationError(`${path} is not there: no host has been started in it yet`);
  let sqlite: DatabaseSync | undefined;
  try {
    sqlite = new DatabaseSync(path, { readOnly: true, timeout: LET_GO_WITHIN_MS });
    sqlite.prepare('SELECT count(*) FROM sqlite_schema').get();
    return sqlite;
  } catch (error) {
    sqlite?.close();
    throw new ConfigurationError(`${path} cannot be read: ${String(error)}`, { cause: error });
  }
}
