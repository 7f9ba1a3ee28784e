import { RefusedError } from '#shared/errors/errors.ts';

const KEY = /^[A-Za-z0-9!_.*'()/=-]{1,512}$/;
const PREFIX = /^[A-Za-z0-9!_.*'()/=-]{0,512}$/;
/** S3 bucket names: 3 to 63 lower-case letters, digits, dots and hyphens; no two dots in a row. */
const BUCKET_NAME = /^[a-z0-9](?!.*\.\.)[a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Whether `key` is 1 to 512 characters of S3's safe alphabet (and `=`), without empty, `.` or `..` segments. Keys never
 * become file names here; the rule keeps them the same in both homes and safe in URLs.
 */
export function isKey(key: string): boolean {
  return KEY.test(key) && key.split('/').every((segment) => !['', '.', '..'].includes(segment));
}

/** Throws `RefusedError` unless `key` is an object key. */
export function checkKey(key: string): void {
  if (!isKey(key)) {
    throw new RefusedError(
      'key',
      "must be 1 to 512 characters of A-Za-z0-9!_.*'()/=- without empty, . or .. segments",
    );
  }
}

/** Throws `RefusedError` unless `prefix` can begin an object key; it may be empty or end in the middle of a segment. */
export function checkPrefix(prefix: string): void {
  if (!PREFIX.test(prefix)) {
    throw new RefusedError('prefix', "must be at most 512 characters of A-Za-z0-9!_.*'()/=-");
  }
}

/** Throws `RefusedError` unless `name` is a bucket name of S3; it becomes the name of a directory. */
export function checkBucketName(name: string): void {
  if (!BUCKET_NAME.test(name)) {
    throw new RefusedError('bucket', 'must be 3 to 63 characters of a-z0-9.- that begin and end with a-z0-9');
  }
}
