import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PaceMark, paceCeiling, paceEasesMs, withPaceMark } from './pace.ts';

describe('pace', () => {
  test('adds one minute’s permits to what had been granted a minute ago', () => {
    const marks = [
      { atMs: 0, granted: 100 },
      { atMs: 30_000, granted: 400 },
    ];
    expect(paceCeiling(marks, 1_000, 59_999)).toBe(1_000);
    expect(paceCeiling(marks, 1_000, 60_000)).toBe(1_100);
    expect(paceCeiling(marks, 1_000, 90_000)).toBe(1_400);
  });

  test('eases when the next mark is a minute old', () => {
    const marks = [
      { atMs: 0, granted: 100 },
      { atMs: 30_000, granted: 400 },
    ];
    expect(paceEasesMs(marks, 0)).toBe(60_000);
    expect(paceEasesMs(marks, 60_000)).toBe(90_000);
    expect(paceEasesMs(marks, 90_000)).toBeUndefined();
  });

  test('never lets more than perMinute through in any minute, and keeps few marks', () => {
    const looks = fc.array(fc.tuple(fc.integer({ min: 1, max: 90_000 }), fc.nat(300)), { maxLength: 80 });
    fc.assert(
      fc.property(looks, (steps) => {
        const perMinute = 100;
        const history: PaceMark[] = [{ atMs: 0, granted: 0 }];
        let marks: readonly PaceMark[] = [];
        let nowMs = 0;
        let granted = 0;
        for (const [waitMs, wanted] of steps) {
          nowMs += waitMs;
          marks = withPaceMark(marks, granted, nowMs);
          granted += Math.max(0, Math.min(wanted, paceCeiling(marks, perMinute, nowMs) - granted));
          const minuteAgo = history.findLast(({ atMs }) => atMs <= nowMs - 60_000)?.granted ?? 0;
          expect(granted - minuteAgo).toBeLessThanOrEqual(perMinute);
          expect(marks.length).toBeLessThanOrEqual(14);
          history.push({ atMs: nowMs, granted });
        }
      }),
    );
  });
});
