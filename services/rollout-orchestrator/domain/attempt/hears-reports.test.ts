import { expect, test } from '@jest/globals';
import { hearsReports, unreadSinceMs } from './hears-reports.ts';

test.each([
  ['nothing is unread', {}, true],
  ['the oldest is four minutes old', { oldestSentAtMs: 1, oldestAgeMs: 240_000 }, true],
  ['the oldest is older than four minutes', { oldestSentAtMs: 1, oldestAgeMs: 240_001 }, false],
  ['nobody knows how old the oldest is', { oldestSentAtMs: 0 }, false],
  [
    'the oldest may be old, and was not when it was last seen',
    { oldestSentAtMs: 0, oldestAgeMs: 2_000 },
    true,
  ],
])('when %s', (_what, unread, hears) => {
  expect(hearsReports(unread)).toBe(hears);
});

test('what is unread is from before every deadline, where its time lies ahead of the clock', () => {
  expect(unreadSinceMs({}, 100)).toBeUndefined();
  expect(unreadSinceMs({ oldestSentAtMs: 100 }, 100)).toBe(100);
  expect(unreadSinceMs({ oldestSentAtMs: 101 }, 100)).toBe(0);
});
