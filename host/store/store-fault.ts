import { types } from 'node:util';
import { ConfigurationError } from '#shared/errors/errors.ts';
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

/**
 * What a person is told where the database at `path` cannot be opened: what it was, and what to do. A backup is named only where the file
 * may be at fault: whoever restores one for a disk that is full loses what came since.
 */
export function openFault(path: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(openFaultText(path, cause), { cause });
}

function openFaultText(path: string, cause: unknown): string {
  const result = sqliteResult(cause);
  if (result === SQLITE.full || result === SQLITE.ioError)
    return (
      `${path} cannot be opened (${String(cause)}): its disk is full, or fails. Make room, or see to the disk, then start again; ` +
      'what was acknowledged is kept'
    );
  if (result === SQLITE.busy)
    return `${path} cannot be opened (${String(cause)}): another program works on it. End that, then start again`;
  return (
    `${path} cannot be opened, or is no database (${String(cause)}): make sure that it and the files beside it whose names begin with its name ` +
    'are files, and those of the user who starts the host; if they are, restore the whole directory from a backup'
  );
}
