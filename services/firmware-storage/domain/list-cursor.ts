import { RefusedError } from '#shared/errors/errors.ts';

/** The cursor after the release of that sequence: opaque to clients, good for any product of their own tenant. */
export function cursorAfter(sequence: number): string {
  return Buffer.from(`below ${sequence}`).toString('base64url');
}

/** The sequence that a cursor names. Throws `RefusedError` for a text that no listing gave. */
export function sequenceOf(cursor: string): number {
  const sequence = Number(/^below (\d{1,10})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]);
  if (Number.isNaN(sequence) || cursorAfter(sequence) !== cursor) {
    throw new RefusedError('cursor', 'must be one that a listing gave');
  }
  return sequence;
}
