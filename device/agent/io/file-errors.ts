/** Whether a file system call failed because what it was for is not there. */
export const isAbsent = (error: unknown): boolean => codeOf(error) === 'ENOENT';

/** Whether it failed because the disk, or the quota, is full. */
export const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');

/** Whether it failed because the medium does not give back what was written (a dead block of flash, a broken file system). */
export const isUnreadable = (error: unknown): boolean =>
  ['EIO', 'EBADMSG', 'EUCLEAN'].includes(codeOf(error) ?? '');

/** The `code` of an error of Node's. By shape, because such an error need not be of the caller's realm. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
