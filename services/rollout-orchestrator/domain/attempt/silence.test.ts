import { describe, expect, test } from '@jest/globals';
import { deadline, granted, minute, onOld, report, sighting } from './attempt.fixture.ts';
import { ignoredBy, installing, rebooting, told } from './told.fixture.ts';

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
