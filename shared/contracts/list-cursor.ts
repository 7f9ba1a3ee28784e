import { RefusedError } from '#shared/errors/errors.ts';

/** The cursor of a place in a listing: opaque to clients, and no secret. */
export const listCursor = (place: string): string => Buffer.from(place).toString('base64url');

/**
 * What `read` makes of the place that a cursor names. Throws `RefusedError` for a text that no listing gave: one that `listCursor` would
 * write otherwise, or whose place `read` does not know (`undefined`).
 */
export function readCursor<T>(cursor: string, read: (place: string) => T | undefined): T {
  const place = Buffer.from(cursor, 'base64url').toString();
  const found = listCursor(place) === cursor ? read(place) : undefined;
  if (found === undefined) throw new RefusedError('cursor', 'must be one that a listing gave');
  return found;
}
