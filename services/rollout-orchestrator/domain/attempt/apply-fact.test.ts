import { describe, expect, test } from '@jest/globals';
import { applyFact } from './apply-fact.ts';
import { CONTEXT, deadline, granted, minute, onOld, report, sighting } from './attempt.fixture.ts';
import type { Attempt } from './attempt.ts';
import type { Fact } from './facts.ts';

/** The attempt after some facts, and what they counted, in order. */
function told(facts: readonly Fact[], start: Attempt = granted()): Attempt & { readonly counted: string[] } {
  const counted: string[] = [];
  const attempt = facts.reduce((before, fact) => {
    const { attempt: next, transitions } = applyFact(before, fact, CONTEXT);
    counted.push(...transitions.map(({ kind, change }) => (change > 0 ? kind : `-${kind}`)));
    return next;
  }, start);
  return { ...attempt, counted };
}
const ignoredBy = (attempt: Attempt, fact: Fact) => applyFact(attempt, fact, CONTEXT).ignored;

const installing = () => told([report('installing', 1)]);
const rebooting = () => told([report('installing', 1), report('rebooting', 5, { seq: 2 })]);

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

describe('interrupted', () => {
  const again = (interruptions: number): Attempt => ({ ...installing(), interruptions });

  test('is a new boot on the old version before "rebooting": void, twice', () => {
    expect(told([onOld(5)], installing())).toMatchObject({
      state: 'void',
      interruptions: 1,
      counted: ['void'],
    });
    expect(told([onOld(5)], again(1))).toMatchObject({ state: 'void', interruptions: 2 });
  });

  test('is bad the third time', () => {
    expect(told([onOld(5)], again(2))).toMatchObject({
      state: 'failed',
      reason: 'interrupted-repeatedly',
      counted: ['failed'],
    });
  });

  test('can be said by the device itself, but not after "rebooting"', () => {
    const heard = report('interrupted', 5, { bootId: 'boot-new' });
    expect(told([heard], installing()).state).toBe('void');
    expect(told([heard])).toMatchObject({ state: 'void', counted: ['installing', 'void'] });
    expect(ignoredBy(rebooting(), heard)).toBe('contradiction');
  });

  test('is not a new boot on the target', () => {
    expect(told([sighting(5)], installing())).toMatchObject({
      state: 'good',
      counted: ['good'],
    });
  });

  test('is not the same boot, an earlier check, or a failure whose report is on its way', () => {
    expect(ignoredBy(installing(), onOld(5, { bootId: 'boot-old' }))).toBe('same-boot');
    expect(ignoredBy(installing(), onOld(1, { bootId: 'boot-before' }))).toBe('stale');
    const last = { attempt: granted().id, state: 'failed' };
    expect(ignoredBy(installing(), onOld(5, { last }))).toBe('awaiting-report');
  });

  test('is not a device that never began', () => {
    expect(ignoredBy(granted(), onOld(5))).toBe('not-begun');
    const last = { attempt: granted().id, state: 'rebooting' };
    expect(ignoredBy(granted(), onOld(5, { last }))).toBe('not-begun');
  });
});

describe('silence', () => {
  test('is void at the end of the permit where no install began', () => {
    expect(ignoredBy(granted(), deadline(9.99))).toBe('not-due');
    expect(told([deadline(10)])).toMatchObject({
      state: 'void',
      reason: 'permit-expired',
      counted: ['void'],
    });
  });

  test('is lost when an install does not come to "rebooting" within installWithin of the permit', () => {
    expect(installing().deadlineMs).toBe(minute(70));
    expect(ignoredBy(installing(), deadline(69.99))).toBe('not-due');
    expect(told([deadline(70)], installing())).toMatchObject({
      state: 'lost',
      endedMs: minute(70),
      counted: ['lost'],
    });
  });

  test('is silent when a device is unseen for silentAfter of "rebooting"', () => {
    expect(ignoredBy(rebooting(), deadline(34.99))).toBe('not-due');
    expect(told([deadline(99)], rebooting())).toMatchObject({
      state: 'silent',
      endedMs: minute(35),
      counted: ['silent'],
    });
  });

  test('waits for a device that announced when it is back', () => {
    const away = told([report('rebooting', 5, { backWithinSeconds: 7_200 })]);
    expect(away.deadlineMs).toBe(minute(125));
    const announcedBefore = told([
      report('installing', 1, { backWithinSeconds: 7_200 }),
      report('rebooting', 5),
    ]);
    expect(announcedBefore.deadlineMs).toBe(minute(121));
    expect(told([report('installing', 1, { backWithinSeconds: 7_200 })]).deadlineMs).toBe(minute(70));
  });

  test('waits longer when a check announces it, even one that proves nothing', () => {
    const away = told([sighting(6, { bootId: 'boot-old', backWithinSeconds: 7_200 })], rebooting());
    expect(away).toMatchObject({ state: 'rebooting', deadlineMs: minute(126), counted: [] });
    expect(ignoredBy(away, sighting(6, { bootId: 'boot-old', backWithinSeconds: 7_200 }))).toBe('same-boot');
    expect(ignoredBy(rebooting(), onOld(4, { bootId: 'boot-before', backWithinSeconds: 7_200 }))).toBe(
      'stale',
    );
  });

  test('never waits longer than 30 days after "rebooting", however often the device announces', () => {
    const days = (count: number) => count * 24 * 60;
    const announced = [report('rebooting', 5, { backWithinSeconds: 9e9 })];
    expect(told(announced).deadlineMs).toBe(minute(5 + days(30)));
    const again = sighting(days(20), { bootId: 'boot-old', backWithinSeconds: 2_592_000 });
    expect(told([...announced, again]).deadlineMs).toBe(minute(5 + days(30)));
  });

  test('is not shortened by a smaller announcement', () => {
    expect(told([report('rebooting', 5, { backWithinSeconds: 60 })]).deadlineMs).toBe(minute(35));
  });

  test('has a grace after the backend was deaf: silentAfter and the time to connect again', () => {
    const resumedAtMs = minute(100);
    expect(ignoredBy(rebooting(), deadline(130.99, { resumedAtMs }))).toBe('not-due');
    expect(told([deadline(131, { resumedAtMs })], rebooting())).toMatchObject({
      state: 'silent',
      endedMs: minute(131),
    });
    expect(told([deadline(131, { resumedAtMs })], granted()).state).toBe('void');
    expect(told([deadline(35, { resumedAtMs: minute(1) })], rebooting()).state).toBe('silent');
  });

  test('is not scored while a report from before the deadline may be unread', () => {
    expect(ignoredBy(rebooting(), deadline(40, { oldestUnreadMs: minute(35) }))).toBe('unread-reports');
    expect(told([deadline(40, { oldestUnreadMs: minute(35.01) })], rebooting()).state).toBe('silent');
  });
});

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
