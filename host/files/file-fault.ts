import { type Stats, statSync } from 'node:fs';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { errorCode } from '#shared/program/error-code.ts';

/** What is wrong with a file of the host, and what a person can do, by the code of the operating system. */
const REMEDIES: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory and must be a file: remove it, and put the file back where a backup has it',
  EEXIST: 'is a file and must be a directory: remove it, and put the directory back where a backup has it',
  ENOTDIR:
    'lies below a file that must be a directory: remove that, and put the directory back where a backup has it',
  EACCES: 'may not be read and written by this user: give it back to the user who starts the host',
  EPERM: 'may not be read and written by this user: give it back to the user who starts the host',
};

/** What says why a file of the host cannot be used, for people where they can mend it: its path, the rule, and what to do. */
export function fileFault(path: string, error: unknown): unknown {
  const remedy = REMEDIES[errorCode(error) ?? ''];
  return remedy === undefined ? error : new ConfigurationError(`${path} ${remedy}`, { cause: error });
}

/** What is known of a file; `undefined` where there is none. Throws `ConfigurationError` where people have to let this process look. */
export function statIfPresent(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileFault(path, error);
  }
}
