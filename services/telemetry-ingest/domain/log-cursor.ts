import * as z from 'zod';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { RefusedError } from '#shared/errors/errors.ts';

/** Where a read of a day's log goes on. */
export interface LogPosition {
  /** The bucket's own cursor of the listing in which the object is found; absent for the first. */
  readonly listing?: string;
  /** The object in progress; absent at the begin of a listing. Objects before it are done, also those that came since. */
  readonly key?: string;
  /** Lines of that object that are done. */
  readonly line: number;
}

const Cursor = z.strictObject({
  /** The day's prefix, tenant included: a cursor is good for no other. */
  of: z.string().max(64),
  listing: z.string().max(1024).exactOptional(),
  key: z.string().max(512).exactOptional(),
  line: z.number().int().min(0),
});

/** The position as a text that is opaque to clients. `prefix` is that of the day. */
export function toCursor(prefix: string, position: LogPosition): string {
  return Buffer.from(JSON.stringify({ of: prefix, ...position })).toString('base64url');
}

/** The position that a cursor names. Throws `RefusedError` unless a read of the same day gave it. */
export function fromCursor(prefix: string, cursor: string): LogPosition {
  const read = Cursor.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (!read.success || read.data.of !== prefix || read.data.key?.startsWith(prefix) === false) {
    throw new RefusedError('cursor', 'must be one that a read of the same day gave');
  }
  const { of: _, ...position } = read.data;
  return position;
}
