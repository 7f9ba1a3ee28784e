import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { listCursor, readCursor } from './list-cursor.ts';

const whole = (place: string) => place;
const refusal = 'cursor: must be one that a listing gave';

describe('the cursor of a listing', () => {
  test('names the place that it was made of', () => {
    fc.assert(
      fc.property(fc.string(), (place) => {
        expect(readCursor(listCursor(place), whole)).toBe(place);
      }),
    );
  });

  test('of a place that the listing does not know is refused', () => {
    expect(() => readCursor(listCursor('elsewhere'), () => undefined)).toThrow(refusal);
  });

  test('is refused where the same place would be written otherwise', () => {
    for (const text of [`${listCursor('cam')}=`, 'Y2Ft!', '/w']) {
      expect(() => readCursor(text, whole)).toThrow(refusal);
    }
  });
});
