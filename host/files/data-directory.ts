import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { errorCode } from '#shared/program/error-code.ts';

/** What a person can do about a directory that cannot be used, by the code of the operating system. */
const REMEDIES: Readonly<Record<string, string>> = {
  EEXIST: 'is a file; name a directory',
  ENOTDIR: 'lies below a file; name another directory',
  EACCES: 'may not be written by this user; change its rights or name another',
  EPERM: 'may not be written by this user; change its rights or name another',
  EROFS: 'is on a file system that is read-only; name another',
  ENOSPC: 'is on a disk that is full; make room or name another',
  ENOENT: 'is not there and cannot be made; name another',
};

/**
 * The path of the directory that `--data` names, where this process can read and write; made if it is not there. Throws
 * `ConfigurationError` that names the option and what to do.
 */
export function dataDirectory(named: string): string {
  if (named === '') throw new ConfigurationError('--data must name a directory');
  const directory = path.resolve(named);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(named, error);
  }
  return directory;
}

/** The same for a directory that a host has been started in: throws where it is not there. */
export function existingDataDirectory(named: string): string {
  if (named !== '' && statSync(path.resolve(named), { throwIfNoEntry: false }) === undefined) {
    throw new ConfigurationError(`--data: ${named} is not there: no host has been started in it yet`);
  }
  return dataDirectory(named);
}

function unusable(named: string, error: unknown): unknown {
  const remedy = REMEDIES[errorCode(error) ?? ''];
  return remedy === undefined
    ? error
    : new ConfigurationError(`--data: ${named} ${remedy}`, { cause: error });
}
