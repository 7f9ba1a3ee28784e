/** Primary result codes of sqlite that programs here tell apart (sqlite.org/rescode.html). */
export const SQLITE = {
  /** Another connection holds the lock. */
  busy: 5,
  ioError: 10,
  corrupt: 11,
  full: 13,
  notADatabase: 26,
} as const;

/** The primary result code of what sqlite threw; the upper bits of a code say more than is needed. `undefined` for what others threw. */
export function sqliteResult(thrown: unknown): number | undefined {
  const isSqlite = typeof thrown === 'object' && thrown !== null && 'errcode' in thrown;
  return isSqlite ? Number(thrown.errcode) & 0xff : undefined;
}
