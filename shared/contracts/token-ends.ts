import * as z from 'zod';

/** Header of an answer to a token that has an end: when that is, ISO 8601 in UTC. Absent for one that has none. */
export const TOKEN_ENDS = 'evenkeel-token-ends';

const Moment = z.iso.datetime();

/** The end that such a header tells of, milliseconds since 1970; `undefined` for what is none. */
export function tokenEndOf(header: unknown): number | undefined {
  const read = Moment.safeParse(header);
  return read.success ? Date.parse(read.data) : undefined;
}
