import { expect, test } from '@jest/globals';
import { isAhead } from './ahead.ts';

const NOW_MS = 1_780_000_000_000;

test.each([
  ['long ago', -365 * 86_400_000, false],
  ['now', 0, false],
  ['a minute ahead, as the clock of another server may be', 60_000, false],
  ['more than a minute ahead', 60_001, true],
])('a time noted as past that lies %s', (_, byMs, expected) => {
  expect(isAhead(NOW_MS + byMs, NOW_MS)).toBe(expected);
});
