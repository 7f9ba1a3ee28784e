import { statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { indexIn } from '#host/bucket/index-database.ts';
import { pathIn } from '#host/store/open-sqlite.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { fileIn, namedFiles } from './index-rows.ts';

/**
 * What sqlite finds wrong with a database, in its own words, or none. It is read whole; nobody else may have it open. Not for reading alone,
 * which would leave a log beside it.
 */
export function damageOf(file: string): string | undefined {
  try {
    using sqlite = new DatabaseSync(file);
    const found = sqlite.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
    return found === 'ok' ? undefined : String(found);
  } catch (error) {
    return String(error);
  }
}

/**
 * Looks whether a backup was copied whole to the place where it is about to be served for the first time: what was cut short on the way would
 * otherwise be found by a rollout that runs. Answers what the person who starts it must know of missing files. Throws
 * `ConfigurationError` for a database that is damaged; one that is not there is not looked for here.
 */
export function checkWholeCopy(directory: string): string[] {
  const buckets = path.join(directory, 'buckets');
  const indexPath = indexIn(buckets);
  const databases = [pathIn(directory), indexPath].filter((file) => sizeBytes(file) !== undefined);
  for (const file of databases) {
    const damage = damageOf(file);
    if (damage === undefined) continue;
    throw new ConfigurationError(
      `${file} is not what was backed up (${damage}): copy the whole backup again, and start on the new copy`,
    );
  }
  if (!databases.includes(indexPath)) return [];
  using index = new DatabaseSync(indexPath);
  const named = namedFiles(index);
  const torn = named.filter((one) => sizeBytes(fileIn(buckets, one)) !== one.sizeBytes);
  const [first] = torn;
  if (first === undefined) return [];
  return [
    `${torn.length} of ${named.length} files of this backup are missing or cut short (${fileIn(buckets, first)}): firmware among them cannot be downloaded; ` +
      'they never change, so that they can be copied from the backup at any time',
  ];
}

const sizeBytes = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.size;
