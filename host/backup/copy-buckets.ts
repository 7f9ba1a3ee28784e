import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { indexIn } from '#host/bucket/index-database.ts';
import { removeIfPresent, syncDirectory } from '#host/files/durable-file.ts';
import { openForReading } from '#host/store/open-for-reading.ts';
import { EvenkeelError } from '#shared/errors/errors.ts';
import { isAbsent } from '#shared/program/error-code.ts';
import { copyDatabase, type OnCopied } from './copy-database.ts';
import { copyFile } from './copy-file.ts';
import { fileIn, incompleteObject, type NamedFile, namedFiles } from './index-rows.ts';

/** The host removes files once an hour, and those of an upload that is given up; so often within one backup it does not. */
const MOST_ROUNDS = 10;

/** Files that were copied, databases aside, and their bytes. */
export interface CopiedFiles {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Copies the index of the buckets and every file that it names to the new directory `to`, and answers once all is on disk. Files never
 * change, but the host may remove one before its turn comes: then a newer copy of the index is taken, which no longer names it. Throws an
 * `EvenkeelError` for a file that is not what the index says of it.
 */
export async function copyBuckets(from: string, to: string, onCopied: OnCopied): Promise<CopiedFiles> {
  await mkdir(to, { mode: 0o700 });
  using live = openForReading(indexIn(from));
  const copied = new Map<string, NamedFile>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const named = await copyIndex(live, indexIn(to));
    await removeOthers(to, copied, named);
    if (!(await copyMissing({ from, to, named, copied, onCopied }))) continue;
    for (const directory of directoriesOf(copied.values())) await syncDirectory(path.join(to, directory));
    return { files: copied.size, bytes: bytesOf(named) };
  }
  throw new EvenkeelError(
    'unknown-outcome',
    `${from}: files go faster than they can be copied; try again later`,
  );
}

const bytesOf = (named: readonly NamedFile[]) => named.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** Takes a new copy of the index and answers the files that it names. */
async function copyIndex(live: DatabaseSync, to: string): Promise<NamedFile[]> {
  await removeIfPresent(to);
  await copyDatabase(live, to);
  using index = new DatabaseSync(to);
  const incomplete = incompleteObject(index);
  if (incomplete !== undefined)
    throw new EvenkeelError('damaged-file', `${incomplete} lacks some of its bytes`);
  return namedFiles(index);
}

interface Round {
  readonly from: string;
  readonly to: string;
  readonly named: readonly NamedFile[];
  readonly copied: Map<string, NamedFile>;
  readonly onCopied: OnCopied;
}

/** Copies what is not copied yet; answers whether all of it was still there. */
async function copyMissing({ from, to, named, copied, onCopied }: Round): Promise<boolean> {
  const ofBytes = bytesOf(named);
  let copiedBytes = bytesOf([...copied.values()]);
  let isAllThere = true;
  for (const one of named) {
    if (copied.has(one.file)) continue;
    await mkdir(path.dirname(fileIn(to, one)), { recursive: true, mode: 0o700 });
    try {
      const { sizeBytes, sha256 } = await copyFile(fileIn(from, one), fileIn(to, one));
      if (sizeBytes !== one.sizeBytes || sha256 !== one.etag) throw damaged(fileIn(from, one));
    } catch (error) {
      if (!isAbsent(error)) throw error;
      isAllThere = false;
      continue;
    }
    copied.set(one.file, one);
    copiedBytes += one.sizeBytes;
    onCopied(copiedBytes, ofBytes);
  }
  return isAllThere;
}

const damaged = (file: string) =>
  new EvenkeelError('damaged-file', `${file} is damaged: its bytes are not those that were stored`);

/** Removes copies that the newest index does not name any more. */
async function removeOthers(
  to: string,
  copied: Map<string, NamedFile>,
  named: readonly NamedFile[],
): Promise<void> {
  const kept = new Set(named.map(({ file }) => file));
  for (const one of [...copied.values()].filter(({ file }) => !kept.has(file))) {
    await removeIfPresent(fileIn(to, one));
    copied.delete(one.file);
  }
}

/** Every directory below the buckets' own that holds one of these files or such a directory, and that one itself. */
function directoriesOf(files: Iterable<NamedFile>): Set<string> {
  const directories = new Set(['.']);
  for (const { bucket, file } of files) directories.add(bucket).add(path.join(bucket, file.slice(0, 2)));
  return directories;
}
