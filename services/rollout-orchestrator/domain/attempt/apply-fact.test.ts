import { describe, expect, test } from '@jest/globals';
import { applyFact } from './apply-fact.ts';
import { CONTEXT, deadline, granted, minute, onOld, report, sighting } from './attempt.fixture.ts';
import { ignoredBy, installing, rebooting, told } from './told.fixture.ts';

describe('good', () => {
  test('is a new boot that runs the target, confirmed', () => {
    const good = told([sighting(7)], rebooting());
    expect(good).toMatchObject({ state: 'good', endedMs: minute(7), counted: ['good'] });
    expect(good.deadlineMs).toBeUndefined();
  });

  test('needs another boot than the one that said rebooting', () => {
    expect(ignoredBy(rebooting(), sighting(7, { bootId: 'boot-old' }))).toBe('same-boot');
    const elsewhere = told([report('rebooting', 5, { bootId: 'boot-second' })]);
    expect(ignoredBy(elsewhere, sighting(7, { bootId: 'boot-second' }))).toBe('same-boot');
    expect(told([sighting(7, { bootId: 'boot-old' })], elsewhere).state).toBe('good');
  });

  test('needs the digest where both know one, and does without where either does not', () => {
    expect(told([sighting(7, { digest: 'a'.repeat(64) })], rebooting()).state).toBe('good');
    expect(told([sighting(7, { digest: 'b'.repeat(64) })], rebooting())).toMatchObject({
      state: 'reverted',
      reason: 'other-digest',
    });
    const unknown = told([report('rebooting', 5)], granted({ target: { version: '2.1.0', sequence: 21 } }));
    expect(told([sighting(7, { digest: 'b'.repeat(64) })], unknown).state).toBe('good');
  });

  test('may be seen before the reports that lead to it, which are then counted once', () => {
    const good = told([sighting(7), report('installing', 8), report('rebooting', 8, { seq: 2 })]);
    expect(good).toMatchObject({ state: 'good', counted: ['installing', 'good'] });
  });

  test('is not what a device claims', () => {
    const claimed = told([report('claimed', 7, { bootId: 'boot-new' })], rebooting());
    expect(claimed).toMatchObject({ state: 'rebooting', claimed: true, counted: [] });
    expect(told([deadline(35)], claimed).state).toBe('silent');
  });

  test('does not come from a check that was sent before the permit', () => {
    expect(ignoredBy(granted(), sighting(-1))).toBe('stale');
  });
});

describe('trial boot', () => {
  const trial = () => told([sighting(7, { confirmed: false })], rebooting());

  test('stays rebooting under the deadline that it had', () => {
    expect(trial()).toMatchObject({ state: 'rebooting', deadlineMs: minute(35), counted: [] });
    expect(ignoredBy(trial(), sighting(8, { confirmed: false }))).toBe('repeated');
    expect(told([deadline(35)], trial()).state).toBe('silent');
  });

  test('is good once confirmed, in the very same boot', () => {
    expect(told([sighting(9)], trial()).state).toBe('good');
  });

  test('is reverted when the old version comes back', () => {
    expect(told([onOld(9, { bootId: 'boot-third' })], trial()).state).toBe('reverted');
  });

  test('shows that a device rebooted whose report is still on its way', () => {
    const seen = told([sighting(7, { confirmed: false })], installing());
    expect(seen).toMatchObject({ state: 'rebooting', deadlineMs: minute(37), counted: [] });
    expect(told([sighting(9)], seen).state).toBe('good');
  });
});

describe('reverted', () => {
  test('is a new boot on the old version after "rebooting", at once', () => {
    expect(told([onOld(7)], rebooting())).toMatchObject({ state: 'reverted', counted: ['reverted'] });
  });

  test('is also any other version than the target, and says so', () => {
    expect(told([onOld(7, { version: '1.9.9' })], rebooting())).toMatchObject({ reason: 'other-version' });
  });

  test('is not an old check that arrives after "rebooting"', () => {
    expect(ignoredBy(rebooting(), onOld(4, { bootId: 'boot-before' }))).toBe('stale');
    expect(ignoredBy(rebooting(), onOld(5, { bootId: 'boot-before' }))).toBe('stale');
  });

  test('is told by what the device remembers where "rebooting" is still on its way', () => {
    const last = { attempt: granted().id, state: 'rebooting' };
    expect(told([onOld(7, { last })], installing())).toMatchObject({
      state: 'reverted',
      counted: ['reverted'],
    });
    const claiming = { ...last, state: 'claimed' };
    expect(told([onOld(7, { last: claiming })], installing()).state).toBe('reverted');
    const other = { ...last, attempt: '01ATTEMPT00000000000000009' };
    expect(told([onOld(7, { last: other })], installing()).state).toBe('void');
  });
});

describe('failed', () => {
  test.each([
    ['granted', granted()],
    ['installing', installing()],
    ['rebooting', rebooting()],
  ])('can be said while %s, with a reason', (_, attempt) => {
    const failed = told([report('failed', 6, { reason: 'flash-write' })], attempt);
    expect(failed).toMatchObject({ state: 'failed', reason: 'flash-write', counted: ['failed'] });
    expect(failed.transient).toBeUndefined();
  });

  test.each(['battery', 'no-space', 'declined'])(
    'for %s is transient before "rebooting" and not bad',
    (reason) => {
      for (const attempt of [granted(), installing()]) {
        expect(told([report('failed', 6, { reason })], attempt)).toMatchObject({
          transient: true,
          counted: ['transient'],
        });
      }
      expect(told([report('failed', 6, { reason })], rebooting()).counted).toEqual(['failed']);
    },
  );

  test('without a reason counts as bad', () => {
    expect(told([report('failed', 6)])).toMatchObject({ reason: 'unspecified', counted: ['failed'] });
  });
});

describe('late, repeated and foreign messages', () => {
  test('leave the very same row', () => {
    const attempt = rebooting();
    for (const fact of [report('installing', 9), report('rebooting', 9), report('progress', 9)]) {
      expect(applyFact(attempt, fact, CONTEXT).attempt).toBe(attempt);
    }
    expect(ignoredBy(attempt, report('failed', 6, { attempt: '01ATTEMPT00000000000000009' }))).toBe(
      'other-attempt',
    );
  });

  test('"rebooting" before "installing" counts that the install began', () => {
    expect(told([report('rebooting', 5, { seq: 2 }), report('installing', 6)])).toMatchObject({
      state: 'rebooting',
      counted: ['installing'],
    });
  });

  test('a permit that expired late is not void when the install began', () => {
    expect(told([report('installing', 11)])).toMatchObject({ state: 'installing', deadlineMs: minute(70) });
  });
});

describe('withdrawn', () => {
  const withdrawn = { fact: 'withdrawn', attempt: granted().id, atMs: minute(3) } as const;

  test('is void at the end of the permit', () => {
    expect(told([withdrawn])).toMatchObject({ state: 'granted', deadlineMs: minute(10), counted: [] });
    expect(told([withdrawn, deadline(10)])).toMatchObject({ state: 'void', reason: 'withdrawn' });
    expect(ignoredBy(told([withdrawn]), withdrawn)).toBe('repeated');
  });

  test('does not take back an install that began, which finishes and is counted', () => {
    expect(ignoredBy(installing(), withdrawn)).toBe('begun');
    expect(told([withdrawn, report('installing', 4), report('failed', 5)])).toMatchObject({
      state: 'failed',
    });
  });
});
