import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bar } from './bar.ts';

describe('a bar', () => {
  test('is as wide as asked, full only for a whole share and empty only for none', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 2 }), fc.integer({ min: 2, max: 60 }), (share, width) => {
        const text = bar(share, width);
        expect(text).toHaveLength(width);
        expect(!text.includes('░')).toBe(share >= 1);
        expect(!text.includes('█')).toBe(!(share > 0));
      }),
    );
  });
});
