import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SQLITE, sqliteResult } from '#shared/program/sqlite-result.ts';
import { UsageError } from '../errors.ts';

/**
 * Does `work` while no other run holds the folder: two that register one list would take each other's half-made folders away. The lock
 * is sqlite's own on an empty database, which no crash can leave behind. Throws `UsageError` where another run has it.
 */
export async function holdingFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = new DatabaseSync(path.join(folder, '.lock'));
  try {
    take(lock, folder);
    return await work();
  } finally {
    lock.close();
  }
}

function take(lock: DatabaseSync, folder: string): void {
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
  } catch (error) {
    const why = sqliteResult(error) === SQLITE.busy ? 'another run is at work there' : String(error);
    throw new UsageError(`cannot write to ${folder}: ${why}`, { cause: error });
  }
}
