import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseRange } from './byte-range.ts';

describe('a Range header', () => {
  test.each([
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=5-2',
    'bytes=0-1,5-6',
    'items=0-1',
    'bytes=a-b',
    'bytes = 0-1',
    `bytes=${'9'.repeat(16)}-`,
  ])('that reads %j is ignored', (header) => {
    expect(parseRange(header, 100)).toEqual({ kind: 'whole' });
  });

  test('of the last no bytes cannot be satisfied', () => {
    expect(parseRange('bytes=-0', 100)).toEqual({ kind: 'unsatisfiable' });
  });

  test('cannot be satisfied by an empty object', () => {
    expect(parseRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' });
    expect(parseRange('bytes=-5', 0)).toEqual({ kind: 'unsatisfiable' });
  });

  test('never gives a span that is empty or outside of the object', () => {
    const number = fc.oneof(fc.constant(''), fc.nat({ max: 300 }).map(String));
    fc.assert(
      fc.property(number, number, fc.nat({ max: 200 }), (first, last, sizeBytes) => {
        const range = parseRange(`bytes=${first}-${last}`, sizeBytes);
        if (range.kind !== 'part') return;
        expect(range.from).toBeGreaterThanOrEqual(0);
        expect(range.to).toBeGreaterThan(range.from);
        expect(range.to).toBeLessThanOrEqual(sizeBytes);
      }),
    );
  });
});
