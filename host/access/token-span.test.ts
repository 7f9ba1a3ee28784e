import { expect, test } from '@jest/globals';
import { endsWithinMs, spanFault, TokenLife } from './token-span.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const NOW_MS = Date.UTC(2026, 10, 27);
const lastingDays = (days: number) => ({ fromMs: NOW_MS, toMs: NOW_MS + days * DAY_MS });

test('a token is taken from when it was made until its end, and not at it', () => {
  const span = lastingDays(90);
  expect(spanFault(span, span.fromMs)).toBeUndefined();
  expect(spanFault(span, span.toMs - 1)).toBeUndefined();
  expect(spanFault(span, span.toMs)).toMatch(/has not ended: this one did on 2027-02-25T00:00:00\.000Z/);
});

test('a clock that is minutes back changes nothing, and one that is further back brings no token back', () => {
  const span = lastingDays(90);
  expect(spanFault(span, span.fromMs - 5 * MINUTE_MS)).toBeUndefined();
  expect(spanFault(span, span.fromMs - 5 * MINUTE_MS - 1)).toMatch(
    /was made on 2026-11-27T00:00:00\.000Z, and the clock of this machine says 2026-11-26T23:54:59\.999Z/,
  );
});

test('an end is told of a week and a day before it, unless the token was made for less', () => {
  const nearest = (days: number, leftMs: number) => {
    const span = lastingDays(days);
    const withinMs = endsWithinMs(span, span.toMs - leftMs);
    return withinMs === undefined ? undefined : withinMs / DAY_MS;
  };
  expect(nearest(90, 7 * DAY_MS + 1)).toBeUndefined();
  expect(nearest(90, 7 * DAY_MS)).toBe(7);
  expect(nearest(90, DAY_MS + 1)).toBe(7);
  expect(nearest(90, DAY_MS)).toBe(1);
  expect(nearest(90, 1)).toBe(1);
  expect(nearest(90, 0)).toBeUndefined();
  expect(nearest(7, 7 * DAY_MS)).toBeUndefined();
  expect(nearest(7, DAY_MS)).toBe(1);
  expect(nearest(1, DAY_MS)).toBeUndefined();
  expect(nearest(1, 1)).toBeUndefined();
});

test.each([
  ['1m', MINUTE_MS],
  ['90d', 90 * DAY_MS],
  ['3650d', 3650 * DAY_MS],
])('a life of %s is one', (text, ms) => {
  expect(TokenLife.parse(text)).toBe(ms);
});

test.each(['59s', '3651d', '0d', '-1d', '90', 'for ever', ''])('a life of %j is none', (text) => {
  expect(TokenLife.safeParse(text).success).toBe(false);
});
