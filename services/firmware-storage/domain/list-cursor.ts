import { listCursor, readCursor } from '#shared/contracts/list-cursor.ts';

/** The cursor after the release of that sequence: good for any product of their own tenant. */
export const cursorAfter = (sequence: number): string => listCursor(`below ${sequence}`);

/** The sequence that a cursor names. Throws `RefusedError` for a text that no listing gave. */
export const sequenceOf = (cursor: string): number =>
  readCursor(cursor, (place) => {
    const [, digits] = /^below (0|[1-9]\d{0,9})$/.exec(place) ?? [];
    return digits === undefined ? undefined : Number(digits);
  });
