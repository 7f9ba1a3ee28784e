import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { InstallWindow } from '../document/install-window.ts';
import { arbitraryWindow } from '../document/testing/arbitrary-document.ts';
import { isWithinHours, nextWithinHours, zoneOf } from './install-hours.ts';
import { offsetMs } from './zone-clock.ts';

const MINUTE = 60_000;
const workNights: InstallWindow = {
  days: [1, 2, 3, 4, 5],
  fromMinute: 120,
  toMinute: 300,
  zone: 'Europe/Vilnius',
};
const overMidnight: InstallWindow = { days: [5], fromMinute: 22 * 60, toMinute: 120, zone: 'UTC' };
const at = (text: string): number => Date.parse(text);
const isOpen = (window: InstallWindow, text: string, zone = window.zone): boolean =>
  isWithinHours(window, zone, at(text));

describe('the install window', () => {
  test('is open from its first minute to before its last, by the local clock', () => {
    // Vilnius is two hours ahead of UTC in December; the 1st of December 2026 is a Tuesday.
    expect(isOpen(workNights, '2026-11-30T23:59:59.999Z')).toBe(false);
    expect(isOpen(workNights, '2026-12-01T00:00:00Z')).toBe(true);
    expect(isOpen(workNights, '2026-12-01T02:59:59.999Z')).toBe(true);
    expect(isOpen(workNights, '2026-12-01T03:00:00Z')).toBe(false);
  });

  test('is closed on other days, by the local calendar', () => {
    // Saturday the 5th in Vilnius, while it is still Friday in UTC.
    expect(isOpen({ ...workNights, fromMinute: 0 }, '2026-12-04T22:30:00Z')).toBe(false);
    expect(isOpen({ ...workNights, fromMinute: 0 }, '2026-12-03T22:30:00Z')).toBe(true);
  });

  test('over midnight belongs to the day on which it begins', () => {
    expect(isOpen(overMidnight, '2026-12-04T21:59:59Z')).toBe(false);
    expect(isOpen(overMidnight, '2026-12-04T22:00:00Z')).toBe(true);
    expect(isOpen(overMidnight, '2026-12-05T01:59:59Z')).toBe(true);
    expect(isOpen(overMidnight, '2026-12-05T02:00:00Z')).toBe(false);
    expect(isOpen(overMidnight, '2026-12-04T01:00:00Z')).toBe(false);
    expect(isOpen(overMidnight, '2026-12-05T22:00:00Z')).toBe(false);
  });

  test('of a whole day has no gap at midnight', () => {
    const always = { ...overMidnight, days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 0, toMinute: 1440 };
    expect(isOpen(always, '2026-12-04T23:59:59.999Z')).toBe(true);
    expect(isOpen(always, '2026-12-05T00:00:00Z')).toBe(true);
  });

  test('follows the clocks when they change', () => {
    // On 28 March 2027 Vilnius goes from 03:00 (+2) to 04:00 (+3).
    const sundays = { ...workNights, days: [0] };
    expect(isOpen(sundays, '2027-03-28T00:59:00Z')).toBe(true);
    expect(isOpen(sundays, '2027-03-28T01:59:00Z')).toBe(true);
    expect(isOpen(sundays, '2027-03-28T02:00:00Z')).toBe(false);
  });

  test('of a zone that is not known is closed', () => {
    expect(isOpen(workNights, '2026-12-01T00:00:00Z', 'Mars/Olympus')).toBe(false);
    expect(nextWithinHours(workNights, 'Mars/Olympus', at('2026-12-01T00:00:00Z'))).toBeUndefined();
  });
});

describe('the next opening', () => {
  test('is now while the window is open', () => {
    const now = at('2026-12-01T01:00:00Z');
    expect(nextWithinHours(workNights, 'Europe/Vilnius', now)).toBe(now);
  });

  test('skips the weekend', () => {
    expect(nextWithinHours(workNights, 'Europe/Vilnius', at('2026-12-04T03:00:00Z'))).toBe(
      at('2026-12-07T00:00:00Z'),
    );
  });

  test('moves with the clocks', () => {
    const sundays = { ...workNights, days: [0] };
    const skipped = { ...sundays, fromMinute: 3 * 60, toMinute: 4 * 60 };
    expect(nextWithinHours(sundays, 'Europe/Vilnius', at('2027-03-27T12:00:00Z'))).toBe(
      at('2027-03-28T00:00:00Z'),
    );
    expect(nextWithinHours(sundays, 'Europe/Vilnius', at('2027-03-28T12:00:00Z'))).toBe(
      at('2027-04-03T23:00:00Z'),
    );
    // 03:00 to 04:00 does not exist on that Sunday: the next one it is.
    expect(nextWithinHours(skipped, 'Europe/Vilnius', at('2027-03-27T12:00:00Z'))).toBe(
      at('2027-04-04T00:00:00Z'),
    );
  });

  test('is not beyond the horizon that was asked for', () => {
    const now = at('2026-11-30T23:00:00Z');
    expect(nextWithinHours(workNights, 'Europe/Vilnius', now, 60 * MINUTE)).toBe(now + 60 * MINUTE);
    expect(nextWithinHours(workNights, 'Europe/Vilnius', now, 60 * MINUTE - 1)).toBeUndefined();
  });

  const zones = fc.constantFrom('UTC', 'Asia/Kathmandu', 'Europe/Vilnius', 'America/New_York');
  const firstOpen = (window: InstallWindow, zone: string, nowMs: number): number => {
    let minute = nowMs;
    while (!isWithinHours(window, zone, minute)) minute += MINUTE;
    return minute;
  };

  test('is the first minute from now on in which the window is open', () => {
    const minutes = fc.integer({
      min: at('2026-01-01T00:00:00Z') / MINUTE,
      max: at('2028-01-01T00:00:00Z') / MINUTE,
    });
    fc.assert(
      fc.property(arbitraryWindow, zones, minutes, (window, zone, minute) => {
        expect(nextWithinHours(window, zone, minute * MINUTE)).toBe(firstOpen(window, zone, minute * MINUTE));
      }),
      { numRuns: 60 },
    );
  });

  test('is so around a change of the clocks too, when a window begins late or opens twice', () => {
    const changes = fc.constantFrom<[string, string]>(
      ['Europe/Vilnius', '2027-03-28T01:00:00Z'],
      ['Europe/Vilnius', '2026-10-25T01:00:00Z'],
      ['America/New_York', '2027-03-14T07:00:00Z'],
      ['America/New_York', '2026-11-01T06:00:00Z'],
    );
    const nightly = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(
        arbitraryWindow,
        changes,
        nightly,
        nightly,
        fc.integer({ min: -300, max: 300 }),
        (window, [zone, change], fromMinute, length, minutes) => {
          const toMinute = (fromMinute + length + 1) % 1440;
          const around = { ...window, days: [0, 6], fromMinute, toMinute };
          const nowMs = at(change) + minutes * MINUTE;
          expect(nextWithinHours(around, zone, nowMs)).toBe(firstOpen(around, zone, nowMs));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the zone that counts', () => {
  const window: InstallWindow = { ...workNights, zone: 'device', fallbackZone: 'Europe/Vilnius' };

  test('is the one of the document, whatever the device says', () => {
    expect(zoneOf(workNights, { timezone: 'Asia/Tokyo' })).toBe('Europe/Vilnius');
  });

  test('is the one that the device states, where the document leaves it to the device', () => {
    expect(zoneOf(window, { timezone: 'Asia/Tokyo' })).toBe('Asia/Tokyo');
  });

  test.each([
    [{}],
    [{ timezone: 'Mars/Olympus' }],
    [{ timezone: 7 }],
    [{ timezone: '' }],
    [{ timezone: '+02:00' }],
  ])('falls back where the device states %j', (attributes) => {
    expect(zoneOf(window, attributes)).toBe('Europe/Vilnius');
  });

  test('is right however many names devices make up', () => {
    for (let n = 0; n < 2500; n += 1) expect(offsetMs(`Zone/No${n}`, 0)).toBeUndefined();
    expect(offsetMs('Asia/Kathmandu', at('2026-12-01T00:00:00Z'))).toBe(345 * MINUTE);
  });
});
