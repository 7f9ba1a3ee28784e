import { join } from 'node:path';
import { BACKUP_NOTE } from '#host/backup/backup-note.ts';
import { HOST_FILE } from '#shared/contracts/host-file.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { removeIfPresent, syncDirectory } from './durable-file.ts';
import { statIfPresent } from './file-fault.ts';

/** What a start makes only once, and what a second time would cost. `before` is a table that is laid out after it, and never before. */
const PARTS = [
  {
    file: 'authority/ca.key.pem',
    before: 'things',
    cost: 'with a new authority every device would be locked out',
  },
  {
    file: 'buckets/index.sqlite',
    before: 'usage',
    cost: 'with a new one all firmware would be taken for leftovers and removed',
  },
  {
    file: 'secrets/seal.key',
    before: 'usage',
    cost: 'seals made with a new one show nobody that they are of this host',
    otherwise:
      'If it is lost for good, make another, and start again to hear what follows: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out',
  },
  {
    file: 'secrets/presign.key',
    before: 'usage',
    cost: 'with a new one every URL of a download or an upload that is in use would end',
    otherwise: 'If it is lost for good, make another: openssl rand 32 >',
  },
] as const;

/**
 * Makes sure that the database is not gone from a directory that a host has been started in: a new one would forget every device and
 * rollout. To be called before it is opened. Throws `ConfigurationError` with what to do.
 */
export function checkDatabaseThere(directory: string): void {
  const database = join(directory, 'evenkeel.db');
  const rest = PARTS.find(({ file }) => sizeBytes(join(directory, file)) > 0);
  if (rest === undefined || sizeBytes(database) > 0) return;
  throw new ConfigurationError(
    `${database} is missing or empty, but ${rest.file} beside it is not: every device and rollout would be forgotten. ` +
      'Restore the whole directory from a backup, or name another with --data',
  );
}

/**
 * Makes sure that the log of the database is there where the host did not end in order: what was written last is in it, of a database that is
 * young all. To be called before the database is opened. Throws `ConfigurationError` with what to do; answers what the person who starts the
 * host must know where it may be that nothing is lost, because somebody who looked into the database has put the log in order.
 */
export function checkLogThere(directory: string): readonly string[] {
  const database = join(directory, 'evenkeel.db');
  const log = `${database}-wal`;
  const hostFile = join(directory, HOST_FILE);
  const endedInOrder = statIfPresent(hostFile) === undefined;
  if (endedInOrder || sizeBytes(database) === 0 || sizeBytes(log) > 0) return [];
  const what = `${log} is missing or empty, but ${HOST_FILE} says that the host has not ended in order: what it wrote last was in that file`;
  // Whoever takes the log into the database removes this beside it.
  if (statIfPresent(`${database}-shm`) === undefined)
    return [
      `${what}. If no other program has opened the database since, restore the whole directory from a backup`,
    ];
  const takenAtMs = Math.floor(statIfPresent(database)?.mtimeMs ?? 0);
  throw new ConfigurationError(
    `${what}. Put it back, or restore the whole directory from a backup. If it is lost for good, start on what is left as on a backup, ` +
      `which pauses all rollouts: rm ${hostFile}; echo '{"v":1,"takenAtMs":${takenAtMs}}' > ${join(directory, BACKUP_NOTE)}`,
  );
}

/**
 * From here on the directory is that of a host that has ended in order. To be called while its database is open, before the log of that is taken
 * away: whoever finds the one without the other after a loss of power would miss something.
 */
export async function noteEndInOrder(directory: string): Promise<void> {
  await removeIfPresent(join(directory, HOST_FILE));
  await syncDirectory(directory);
}

/**
 * The same for a database that nothing is laid out in, beside what says that it has been served: it would begin with no device. `isLaidOut`
 * says whether an earlier start has laid out that table.
 */
export function checkDatabaseServed(directory: string, isLaidOut: (table: string) => boolean): void {
  const told = [HOST_FILE, BACKUP_NOTE].find((file) => statIfPresent(join(directory, file)) !== undefined);
  // Laid out by every version, before the first device can be registered.
  if (told === undefined || isLaidOut('things')) return;
  throw new ConfigurationError(
    `${join(directory, 'evenkeel.db')} holds nothing, but ${told} beside it says that it was served: every device and rollout would be forgotten. ` +
      'Restore the whole directory from a backup, or name another with --data',
  );
}

/** Whether an earlier start has made its access tokens: it lays out this table later. */
export function hadTokens(isLaidOut: (table: string) => boolean): boolean {
  return isLaidOut('usage');
}

/**
 * The same for what a database that knows of devices cannot do without. `isLaidOut` says whether an earlier start has laid out that table.
 * A start that was cut off before it made them has laid out nothing that comes after them.
 */
export function checkPartsThere(directory: string, isLaidOut: (table: string) => boolean): void {
  const missing = PARTS.find(
    ({ file, before }) => isLaidOut(before) && sizeBytes(join(directory, file)) === 0,
  );
  if (missing === undefined) return;
  const path = join(directory, missing.file);
  throw new ConfigurationError(
    `${path} is missing or empty: ${missing.cost}. Restore the whole directory from a backup` +
      ('otherwise' in missing ? `. ${missing.otherwise} ${path}` : ''),
  );
}

const sizeBytes = (path: string): number => statIfPresent(path)?.size ?? 0;
