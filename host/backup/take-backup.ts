import { chmod, mkdir, readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { indexIn } from '#host/bucket/index-database.ts';
import { syncDirectory } from '#host/files/durable-file.ts';
import { openForReading } from '#host/store/open-for-reading.ts';
import { pathIn } from '#host/store/open-sqlite.ts';
import { ConfigurationError, EvenkeelError } from '#shared/errors/errors.ts';
import { DirectoryLock } from '#shared/program/directory-lock.ts';
import type { World } from '#shared/world/world.ts';
import { writeBackupNote } from './backup-note.ts';
import { type CopiedFiles, copyBuckets } from './copy-buckets.ts';
import { copyDatabase } from './copy-database.ts';
import { copyFile } from './copy-file.ts';
import { namedFiles, tellAgainOfAllBut, toldVersions } from './index-rows.ts';
import { damageOf } from './whole-copy.ts';

/** Folders of small files, each replaced whole when it changes. */
const FOLDERS = ['authority', 'secrets'];
const BUCKETS = 'buckets';

/** Told what is being copied, how many bytes of it are, and of how many. */
export type OnProgress = (what: 'database' | 'buckets', copiedBytes: number, ofBytes: number) => void;

/** What to copy. */
export interface BackupOptions {
  /** The data directory of a host, which may be serving. */
  readonly directory: string;
  /** An empty directory. */
  readonly to: string;
  readonly world: Pick<World, 'now'>;
  readonly onProgress: OnProgress;
}

/** What was copied, databases included. */
export interface Taken extends CopiedFiles {
  /** Everything that was committed then is in the copy. */
  readonly takenAtMs: number;
}

/**
 * Copies everything that a host keeps, as it is at one moment, to an empty directory, and answers once all is on disk and has been checked.
 *
 * The database comes first, then the index of the buckets, then files and keys: whatever the copied database names was there before it, and
 * is in the copy. What came between the two (an upload that was completed) is told of again when the copy is served. Throws
 * `ConfigurationError` where there is nothing to copy or no room for it, an `EvenkeelError` for a copy or a source that is damaged.
 */
export async function takeBackup({ directory, to, world, onProgress }: BackupOptions): Promise<Taken> {
  using database = openForReading(pathIn(directory));
  const told = await beforeTheDatabase(directory, to, database);
  const takenAtMs = world.now();
  await copyDatabase(database, pathIn(to), (copied, of) => onProgress('database', copied, of));
  const objects = await copyBuckets(path.join(directory, BUCKETS), path.join(to, BUCKETS), (copied, of) =>
    onProgress('buckets', copied, of),
  );
  const copies: CopiedFiles[] = [objects];
  for (const folder of FOLDERS)
    copies.push(await copyFolder(path.join(directory, folder), path.join(to, folder)));
  const indexPath = indexIn(path.join(to, BUCKETS));
  tellAgainOfAllBut(indexPath, told);
  let bytes = 0;
  for (const file of [pathIn(to), indexPath]) {
    refuseDamaged(file);
    bytes += (await stat(file)).size;
  }
  await writeBackupNote(to, { v: 1, takenAtMs });
  return {
    takenAtMs,
    files: copies.reduce((sum, copy) => sum + copy.files, 2),
    bytes: copies.reduce((sum, copy) => sum + copy.bytes, bytes),
  };
}

/** Refuses a disk without room; answers the objects that the database knows of already. */
async function beforeTheDatabase(
  directory: string,
  to: string,
  database: DatabaseSync,
): Promise<Set<string>> {
  using index = openForReading(indexIn(path.join(directory, BUCKETS)));
  const objectBytes = namedFiles(index).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const pages = database
    .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
    .get();
  const neededBytes = objectBytes + Number(pages?.bytes);
  const { bavail, bsize } = await statfs(to);
  if (bavail * bsize < neededBytes) {
    const megabytes = (count: number) => `${Math.ceil(count / 1_000_000)} MB`;
    throw new ConfigurationError(
      `--to: a copy takes ${megabytes(neededBytes)}, and ${megabytes(bavail * bsize)} are free there; make room or name another`,
    );
  }
  return toldVersions(index);
}

async function copyFolder(from: string, to: string): Promise<CopiedFiles> {
  await mkdir(to);
  await chmod(to, (await stat(from)).mode & 0o777);
  let files = 0;
  let bytes = 0;
  for (const name of await readdir(from)) {
    // What is being written at this moment, to be renamed or removed, and a lock are nothing to keep.
    if (name.endsWith('.new') || name.startsWith(DirectoryLock.FILE)) continue;
    bytes += (await copyFile(path.join(from, name), path.join(to, name))).sizeBytes;
    files += 1;
  }
  await syncDirectory(to);
  return { files, bytes };
}

function refuseDamaged(file: string): void {
  const damage = damageOf(file);
  if (damage !== undefined)
    throw new EvenkeelError('damaged-file', `the copy of ${path.basename(file)} is damaged: ${damage}`);
}
