import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ceilingOfShare, WHOLE } from './share.ts';

describe('ceiling of a share', () => {
  test('5 % of 20 devices is one device and never none', () => {
    expect(ceilingOfShare(50_000, 20)).toBe(1);
    expect(ceilingOfShare(50_000, 1)).toBe(1);
    expect(ceilingOfShare(50_000, 21)).toBe(2);
  });

  test('a share that comes out even is not rounded up by floating point', () => {
    // 0.07 * 100 is 7.000000000000001 as a double.
    expect(ceilingOfShare(70_000, 100)).toBe(7);
    expect(ceilingOfShare(1, 1_000_000)).toBe(1);
    expect(ceilingOfShare(1, 1_000_001)).toBe(2);
  });

  test('equals the exact ceiling for any share and fleet', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: WHOLE }),
        fc.integer({ min: 0, max: 1_000_000_000 }),
        (share, members) => {
          const exact = (BigInt(share) * BigInt(members) + 999_999n) / 1_000_000n;
          expect(BigInt(ceilingOfShare(share, members))).toBe(exact);
        },
      ),
    );
  });

  test('never exceeds the fleet, and the whole is the fleet', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: WHOLE }), fc.integer({ min: 0, max: 10_000_000 }), (share, n) => {
        expect(ceilingOfShare(share, n)).toBeLessThanOrEqual(n);
        expect(ceilingOfShare(WHOLE, n)).toBe(n);
      }),
    );
  });

  test.each([
    [-1, 10],
    [WHOLE + 1, 10],
    [0.5, 10],
    [Number.NaN, 10],
    [10, -1],
    [10, 1.5],
    [10, Number.NaN],
    [10, 1e12],
  ])('a share of %p of %p members is refused rather than guessed', (share, members) => {
    expect(() => ceilingOfShare(share, members)).toThrow(RangeError);
  });
});
