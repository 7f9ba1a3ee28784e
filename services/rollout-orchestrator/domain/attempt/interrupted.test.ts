import { describe, expect, test } from '@jest/globals';
import { granted, onOld, report, sighting } from './attempt.fixture.ts';
import type { Attempt } from './attempt.ts';
import { ignoredBy, installing, rebooting, told } from './told.fixture.ts';

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
