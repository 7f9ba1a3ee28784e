import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { statIfPresent } from './file-fault.ts';

/** What only this user may read; with each anybody could be a device, a person or this host. */
const KEYS = [
  'secrets/seal.key',
  'secrets/presign.key',
  'secrets/tokens.json',
  'secrets/admin.token',
  'authority/ca.key.pem',
  'authority/server.key.pem',
];
/** What users who are not of this user's group may not read; a first start has made them as its umask was. */
const DATABASES = ['evenkeel.db', 'buckets/index.sqlite'].flatMap((path) =>
  ['', '-wal', '-shm'].map((suffix) => `${path}${suffix}`),
);

/** Bits of a mode by whose they are (chmod(2)). */
const GROUP_SHIFT = 3;
const OTHERS_SHIFT = 0;
const READ = 0o4;
const ENTER = 0o1;

/**
 * Takes from other users of this machine what they may not have of a data directory: a copy that was restored, or a directory that
 * was there before, may give it to them. Answers the keys that they could read until now, as paths in the directory.
 */
export function closeToOthers(directory: string): readonly string[] {
  const exposed = KEYS.filter((key) => isReadable(directory, key));
  for (const key of KEYS) take(join(directory, key), 0o077);
  take(join(directory, 'secrets'), 0o077);
  for (const database of DATABASES) take(join(directory, database), 0o007);
  return exposed;
}

/** Whether the group or all others may come to the file and read it. */
function isReadable(directory: string, path: string): boolean {
  const file = modeOf(join(directory, path));
  const ways = [modeOf(directory), modeOf(dirname(join(directory, path)))];
  return [GROUP_SHIFT, OTHERS_SHIFT].some(
    (shift) => has(file, READ << shift) && ways.every((way) => has(way, ENTER << shift)),
  );
}

function take(path: string, bits: number): void {
  const mode = modeOf(path);
  if ((mode & bits) !== 0) chmodSync(path, mode & ~bits);
}

const has = (mode: number, bits: number): boolean => (mode & bits) === bits;

/** The rights of a file; none where it is not there. */
const modeOf = (path: string): number => (statIfPresent(path)?.mode ?? 0) & 0o777;
