import { types } from 'node:util';
import { errorCode } from '#shared/program/error-code.ts';

/** Primary result codes of sqlite (sqlite.org/rescode.html); the upper bits of a code say more than is needed here. */
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

/** What a person is told when the store of that directory has failed: what it was, and what to do. */
export function storeFaultText(directory: string, error: unknown): string {
  const message = types.isNativeError(error) ? error.message : String(error);
  const result = sqliteResult(error);
  if (result === FULL || ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')) {
    return `the disk of ${directory} is full: make room, then start again; what was acknowledged is kept`;
  }
  if (result === CORRUPT || result === NOT_A_DATABASE) {
    return `${directory}/evenkeel.db is damaged (${message}): restore the whole directory from a backup`;
  }
  return `the store in ${directory} failed (${message}): see to its disk, then start again`;
}

function sqliteResult(error: unknown): number | undefined {
  const isSqlite = typeof error === 'object' && error !== null && 'errcode' in error;
  return isSqlite ? Number(error.errcode) & 0xff : undefined;
}
