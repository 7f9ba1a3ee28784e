import { errorCode } from '#shared/program/error-code.ts';

/** Whether a file system call failed because the disk, or the quota, is full. */
export const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '');

/** Whether it failed because the medium does not give back what was written (a dead block of flash, a broken file system). */
export const isUnreadable = (error: unknown): boolean =>
  ['EIO', 'EBADMSG', 'EUCLEAN'].includes(errorCode(error) ?? '');
