import { types } from 'node:util';
import { errorCode } from '#shared/program/error-code.ts';
import { SQLITE, sqliteResult } from '#shared/program/sqlite-result.ts';

/** What a person is told when the store of that directory has failed: what it was, and what to do. */
export function storeFaultText(directory: string, error: unknown): string {
  const message = types.isNativeError(error) ? error.message : String(error);
  const result = sqliteResult(error);
  if (result === SQLITE.full || ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')) {
    return `the disk of ${directory} is full: make room, then start again; what was acknowledged is kept`;
  }
  if (result === SQLITE.corrupt || result === SQLITE.notADatabase) {
    return `${directory}/evenkeel.db is damaged (${message}): restore the whole directory from a backup`;
  }
  return `the store in ${directory} failed (${message}): see to its disk, then start again`;
}
