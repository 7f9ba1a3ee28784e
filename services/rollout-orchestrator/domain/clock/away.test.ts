import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Away,
  afterHeardMs,
  awayUnlessAhead,
  backSinceMs,
  heardMs,
  MOST_TIMES_AWAY,
  NEVER_AWAY,
  type TimesAway,
  withAway,
} from './away.ts';

/** Moments of a day, few enough to count them one by one. */
const LAST = 400;
const moment = fc.integer({ min: 0, max: LAST });
const away = fc
  .tuple(moment, fc.integer({ min: 0, max: 30 }))
  .map(([fromMs, lengthMs]): Away => ({ fromMs, untilMs: fromMs + lengthMs }));
const few = fc.array(away, { maxLength: MOST_TIMES_AWAY });
const many = fc.array(away, { maxLength: 4 * MOST_TIMES_AWAY });
const noted = (all: readonly Away[]): TimesAway => all.reduce(withAway, NEVER_AWAY);

/** Whether a device could be heard in the millisecond from then on. */
const isHeard = (atMs: number, all: readonly Away[]): boolean =>
  !all.some(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
/** For how long it could, counted. */
function countedMs(fromMs: number, untilMs: number, all: readonly Away[]): number {
  let heard = 0;
  for (let atMs = fromMs; atMs < untilMs; atMs++) if (isHeard(atMs, all)) heard += 1;
  return heard;
}
/** When it could be heard for so long, counted. */
function countedUntilMs(sinceMs: number, durationMs: number, all: readonly Away[]): number {
  let atMs = sinceMs;
  for (let heard = 0; heard < durationMs; atMs++) if (isHeard(atMs, all)) heard += 1;
  return atMs;
}

describe('times in which no device could be heard', () => {
  test('are all left out of what lasts, in whatever order they are told, as long as they are few', () => {
    fc.assert(
      fc.property(few, moment, fc.integer({ min: 1, max: LAST }), (all, sinceMs, durationMs) => {
        const times = noted(all);
        expect(afterHeardMs(sinceMs, durationMs, times)).toBe(countedUntilMs(sinceMs, durationMs, all));
        const untilMs = sinceMs + durationMs;
        expect(heardMs(sinceMs, untilMs, times)).toBe(countedMs(sinceMs, untilMs, all));
      }),
    );
  });

  test('beyond that are joined: nothing is over too early, and no delay is counted too short', () => {
    fc.assert(
      fc.property(many, moment, fc.integer({ min: 1, max: LAST }), (all, sinceMs, durationMs) => {
        const times = noted(all);
        expect(times.length).toBeLessThanOrEqual(MOST_TIMES_AWAY);
        for (const [at, { fromMs }] of times.entries())
          expect(fromMs).toBeGreaterThan(times[at - 1]?.untilMs ?? Number.NEGATIVE_INFINITY);
        expect(afterHeardMs(sinceMs, durationMs, times)).toBeGreaterThanOrEqual(
          countedUntilMs(sinceMs, durationMs, all),
        );
        const untilMs = sinceMs + durationMs;
        expect(heardMs(sinceMs, untilMs, times)).toBeGreaterThanOrEqual(countedMs(sinceMs, untilMs, all));
        expect(backSinceMs(times)).toBe(Math.max(0, ...all.map((one) => one.untilMs)));
      }),
    );
  });

  test('of a host that starts over and over are joined among themselves, and leave alone what was before', () => {
    const [morning, noon] = [
      { fromMs: 1_000, untilMs: 2_000 },
      { fromMs: 50_000, untilMs: 60_000 },
    ];
    const starts = Array.from({ length: 1_000 }, (_, n) => ({
      fromMs: 90_000 + 10 * n,
      untilMs: 90_007 + 10 * n,
    }));
    const times = noted([morning, noon, ...starts]);
    expect(times.slice(0, 2)).toEqual([morning, noon]);
    expect(heardMs(0, 100_000, times)).toBe(100_000 - 11_000 - 7_000);
  });

  test('of no length tell since when devices are heard, until the next one does', () => {
    const start = { fromMs: 5_000, untilMs: 5_000 };
    expect(noted([start])).toEqual([start]);
    expect(noted([start, { fromMs: 7_000, untilMs: 8_000 }])).toEqual([{ fromMs: 7_000, untilMs: 8_000 }]);
  });

  test('are forgotten one by one where they end ahead, because the clock was put back since', () => {
    const times = noted([
      { fromMs: 1_000, untilMs: 2_000 },
      { fromMs: 5_000, untilMs: 3_600_000 },
    ]);
    expect(awayUnlessAhead(times, 10_000)).toEqual([{ fromMs: 1_000, untilMs: 2_000 }]);
    expect(awayUnlessAhead(times, 3_600_000)).toEqual(times);
  });
});
