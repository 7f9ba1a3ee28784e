/**
 * The `code` that Node, the operating system or OpenSSL gave an error (`ENOENT`, `ECONNREFUSED`); `undefined` where there is none. By
 * shape, because such an error need not be of the caller's realm.
 */
export function errorCode(thrown: unknown): string | undefined {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : undefined;
}

/** Whether a file system call failed because what it was for is not there. */
export const isAbsent = (thrown: unknown): boolean => errorCode(thrown) === 'ENOENT';
