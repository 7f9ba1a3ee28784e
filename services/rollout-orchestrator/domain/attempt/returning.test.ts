import { describe, expect, test } from '@jest/globals';
import { deadline, onOld, report, sighting } from './attempt.fixture.ts';
import { ignoredBy, installing, rebooting, told } from './told.fixture.ts';

describe('a device that returns', () => {
  test.each([
    ['silent', rebooting(), deadline(35)],
    ['lost', installing(), deadline(70)],
  ] as const)('after %s is shown as recovered, once, and keeps the verdict', (state, attempt, due) => {
    const back = told([due, sighting(90), sighting(95), report('claimed', 96)], attempt);
    expect(back).toMatchObject({ state, recovered: true, counted: [state, 'recovered'] });
  });

  test('was not back by a message from before the deadline', () => {
    const silent = told([deadline(40)], rebooting());
    expect(ignoredBy(silent, report('rebooting', 34))).toBe('ended');
    expect(ignoredBy(silent, report('rebooting', 35))).toBe('ended');
    expect(told([sighting(36)], silent).recovered).toBe(true);
  });

  test('after void has come back only if it installed all the same', () => {
    const expired = told([deadline(10)]);
    expect(ignoredBy(expired, onOld(15))).toBe('ended');
    expect(ignoredBy(expired, report('progress', 15))).toBe('ended');
    expect(ignoredBy(expired, sighting(15, { bootId: 'boot-old' }))).toBe('ended');
    expect(told([sighting(15)], expired)).toMatchObject({ state: 'void', counted: ['recovered'] });
    expect(told([report('installing', 15)], expired)).toMatchObject({
      state: 'void',
      counted: ['recovered'],
    });
  });

  test('after failed or reverted has nothing to recover', () => {
    const failed = told([report('failed', 6)]);
    expect(ignoredBy(failed, sighting(9))).toBe('ended');
  });
});
