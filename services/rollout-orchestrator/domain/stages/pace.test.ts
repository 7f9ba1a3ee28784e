import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PaceMinute, paceCeiling } from './pace.ts';

describe('the pace', () => {
  test('allows so many permits within a minute, whenever one looks', () => {
    const first = paceCeiling(1000, undefined, 40, 0);
    expect(first).toEqual({ minute: { sinceMs: 0, granted: 40 }, ceiling: 1040 });
    expect(paceCeiling(1000, first.minute, 900, 59_999)).toEqual(first);
    expect(paceCeiling(1000, first.minute, 900, 60_000)).toEqual({
      minute: { sinceMs: 60_000, granted: 900 },
      ceiling: 1900,
    });
  });

  test('gives nothing extra for hours in which nobody looked', () => {
    expect(paceCeiling(1000, { sinceMs: 0, granted: 40 }, 50, 36_000_000).ceiling).toBe(1050);
  });

  test('is never exceeded in any of its minutes by those who obey the ceiling', () => {
    const looks = fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 90_000 }), asked: fc.nat(50) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), looks, (perMinute, all) => {
        let minute: PaceMinute | undefined;
        let granted = 0;
        let nowMs = 0;
        for (const { waitMs, asked } of all) {
          nowMs += waitMs;
          const allowed = paceCeiling(perMinute, minute, granted, nowMs);
          minute = allowed.minute;
          granted += Math.max(0, Math.min(asked, allowed.ceiling - granted));
          expect(granted - minute.granted).toBeLessThanOrEqual(perMinute);
          expect(nowMs - minute.sinceMs).toBeLessThan(60_000);
        }
      }),
    );
  });
});
