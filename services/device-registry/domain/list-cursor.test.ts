import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RefusedError } from '#shared/errors/errors.ts';
import { cursorAfter, firstIdAfter } from './list-cursor.ts';

const deviceId = fc.stringMatching(/^[A-Za-z0-9_-]{1,43}$/);

describe('the cursor of a listing', () => {
  test('leads to every id after its own, and to no other', () => {
    fc.assert(
      fc.property(deviceId, deviceId, (own, other) => {
        expect(other >= firstIdAfter(cursorAfter(own))).toBe(other > own);
      }),
    );
    expect('a-' >= firstIdAfter(cursorAfter('a'))).toBe(true);
  });

  test('is refused unless a listing gave it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(cursorAfter(firstIdAfter(text).slice(0, -1))).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(RefusedError);
        }
      }),
    );
  });
});
