import { describe, expect, test } from '@jest/globals';
import { deadline, granted, minute, onOld, report, sighting } from './attempt.fixture.ts';
import { ignoredBy, rebooting, told } from './told.fixture.ts';

describe('excused', () => {
  const excused = { fact: 'excused', attempt: granted().id, atMs: minute(99) } as const;

  test('takes a bad end out of the evidence, once', () => {
    const silent = told([deadline(35)], rebooting());
    expect(told([excused, excused], silent)).toMatchObject({
      state: 'silent',
      excused: true,
      counted: ['-silent', 'excused'],
    });
    expect(told([excused, sighting(120)], silent).counted).toEqual(['-silent', 'excused', 'recovered']);
  });

  test('leaves open, good, void and transient attempts alone', () => {
    const attempts = [
      granted(),
      told([sighting(7)], rebooting()),
      told([deadline(10)]),
      told([report('failed', 6, { reason: 'battery' })]),
    ];
    for (const attempt of attempts) expect(ignoredBy(attempt, excused)).toBe('not-bad');
  });
});

describe('quarantined', () => {
  const quarantined = { fact: 'quarantined', attempt: granted().id, atMs: minute(6) } as const;

  test.each([
    ['good', [sighting(7)]],
    ['reverted', [onOld(7)]],
    ['silent', [deadline(99)]],
  ])('takes an open attempt out of the evidence, once, and it goes on to be %s', (state, facts) => {
    expect(told([quarantined, quarantined, ...facts], rebooting())).toMatchObject({
      state,
      excused: true,
      counted: ['excused'],
    });
  });

  test('takes a bad end out, and leaves others alone', () => {
    const reverted = told([onOld(7)], rebooting());
    expect(told([quarantined], reverted)).toMatchObject({
      state: 'reverted',
      counted: ['-reverted', 'excused'],
    });
    expect(ignoredBy(told([deadline(10)]), quarantined)).toBe('not-bad');
  });
});
