import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '#shared/program/error-code.ts';
import { UsageError } from './errors.ts';

/** Whether Node says with one of these codes why a call of the operating system failed. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(errorCode(error) ?? '');
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory; name a file',
  EACCES: 'this user may not read it',
};

/** Why a file cannot be read, for people. */
export const whyNot = (error: unknown): string => UNREADABLE[errorCode(error) ?? ''] ?? String(error);

/** The text of a file that a person named. Throws `UsageError` that says what was wanted of it. */
export async function readNamedFile(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${what} from ${file}: ${whyNot(error)}`, { cause: error });
  }
}

/** Writes a new file durably, for its owner only unless told; throws `UsageError` rather than write over one. */
export async function writeNewFile(file: string, text: string, mode = 0o600): Promise<void> {
  try {
    const handle = await open(file, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!hasCode(error, 'EEXIST'))
      throw new UsageError(`cannot write ${file}: ${String(error)}`, { cause: error });
    throw new UsageError(`${file} is there already and is not written over: name another`);
  }
}

/** Replaces a file by one rename, so that nobody sees half of it; for its owner only. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  await writeNewFile(beside, text);
  try {
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
