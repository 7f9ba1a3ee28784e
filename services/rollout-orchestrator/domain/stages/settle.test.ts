import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { documentWith } from '../document/testing/document-with.ts';
import { isWithinHours, nextWithinHours } from './install-hours.ts';
import { settlesWithinMs } from './settle.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const monday = Date.UTC(2026, 11, 7);
const hours = (settle: string, window?: object) =>
  settlesWithinMs(
    documentWith({
      settle,
      ...(window && { window: { from: '02:00', to: '05:00', zone: 'UTC', ...window } }),
    }),
  ) / HOUR;

describe('how long a rollout settles', () => {
  test('is what its document says, where devices install at any hour', () => {
    expect(hours('1h')).toBe(1);
    expect(hours('1h', { from: '00:00', to: '24:00' })).toBe(1);
  });

  test.each<[string, string, object, number]>([
    ['a night', '1h', {}, 21 + 1],
    ['a night, no longer than it is open', '20h', {}, 21 + 3],
    ['the hours over midnight', '1h', { from: '22:00', to: '04:00' }, 18 + 1],
    ['a weekend', '1h', { days: 'mon-fri', from: '00:00', to: '24:00' }, 48 + 1],
    ['a week', '1h', { days: 'sat' }, 7 * 24 - 3 + 1],
    ['a week, with the default', '7d', { days: 'sat' }, 7 * 24],
    ['from Sunday to Saturday', '1h', { days: 'sat,sun' }, 6 * 24 - 3 + 1],
    ['nothing where it is longer', '3d', {}, 72],
  ])('reaches over %s', (_, settle, window, expected) => {
    expect(hours(settle, window)).toBe(expected);
  });

  test('holds as much open time as settle, or as the hours have, whenever it begins and whichever hours these are', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    const days = fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 });
    fc.assert(
      fc.property(
        days,
        minute,
        minute,
        fc.integer({ min: 1, max: 600 }),
        fc.nat(10_080),
        (on, from, to, settle, at) => {
          fc.pre(from !== to);
          const window = { days: on, fromMinute: from, toMinute: to, zone: 'UTC' };
          const settleMs = settle * MINUTE;
          const minutes = settlesWithinMs({ settleMs, window }) / MINUTE;
          let open = 0;
          for (let n = 0; n < minutes; n += 1)
            if (isWithinHours(window, 'UTC', monday + (at + n) * MINUTE)) open += 1;
          const length = (to - from + 1440) % 1440;
          expect(open).toBeGreaterThanOrEqual(Math.min(settle, length));
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ['set back', '2026-10-21T20:58:00Z', { days: 'wed', from: '22:00', to: '23:00' }, '2026-10-28T21:00:00Z'],
    [
      'set forward',
      '2026-03-22T01:58:00Z',
      { days: 'sun', from: '02:00', to: '03:00' },
      '2026-04-05T00:00:00Z',
    ],
  ])('reaches into the next hours although clocks are %s before that', (_, last, window, next) => {
    const zoned = { ...window, zone: 'Europe/Berlin' };
    expect(Date.parse(last) + hours('7d', zoned) * HOUR).toBeGreaterThan(Date.parse(next));
  });

  test('reaches to the next hours, whatever the clocks of the zone do', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    const days = fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 });
    const zones = fc.constantFrom(
      'Europe/Berlin',
      'America/Sao_Paulo',
      'Australia/Lord_Howe',
      'Pacific/Auckland',
    );
    // Two weeks on both sides of the changes of Berlin in 2026, and of Lord Howe and Auckland, which are a week apart from them.
    const begins = fc.oneof(
      fc.integer({ min: 0, max: 28 * 1440 }).map((at) => Date.UTC(2026, 2, 15) + at * MINUTE),
      fc.integer({ min: 0, max: 28 * 1440 }).map((at) => Date.UTC(2026, 8, 20) + at * MINUTE),
      fc.integer({ min: 0, max: 28 * 1440 }).map((at) => Date.UTC(2026, 9, 11) + at * MINUTE),
    );
    fc.assert(
      fc.property(
        days,
        minute,
        fc.integer({ min: 1, max: 180 }),
        zones,
        begins,
        (on, from, length, zone, at) => {
          const window = { days: on, fromMinute: from, toMinute: (from + length) % 1440, zone };
          const settlesMs = settlesWithinMs({ settleMs: MINUTE, window });
          // The longest wait begins with the last minute of some hours.
          let lastMs = nextWithinHours(window, zone, at) ?? Number.NaN;
          while (isWithinHours(window, zone, lastMs + MINUTE)) lastMs += MINUTE;
          const nextMs = nextWithinHours(window, zone, lastMs + MINUTE) ?? Number.NaN;
          expect(lastMs + settlesMs).toBeGreaterThanOrEqual(nextMs);
        },
      ),
      { numRuns: 300 },
    );
  });
});
