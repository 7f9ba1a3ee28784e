import { describe, expect, test } from '@jest/globals';
import { RETRY_COHORT } from '../counting/cohorts.ts';
import { applyFact } from './apply-fact.ts';
import { CONTEXT, deadline, granted, onOld, PERMIT, report, sighting } from './attempt.fixture.ts';
import type { Attempt } from './attempt.ts';
import type { Fact } from './facts.ts';
import { nextAttemptNumber, openAttempt } from './open-attempt.ts';

const told = (facts: readonly Fact[], start: Attempt = granted()): Attempt =>
  facts.reduce((attempt, fact) => applyFact(attempt, fact, CONTEXT).attempt, start);

describe('nextAttemptNumber', () => {
  test('is 1 for a device that never had one', () => {
    expect(nextAttemptNumber(undefined, 1)).toBe(1);
  });

  test('refuses while one is open, and for good where the device has the release', () => {
    expect(nextAttemptNumber(granted(), 5)).toBe('open');
    expect(nextAttemptNumber(told([sighting(5)]), 5)).toBe('done');
  });

  test('gives void and transient attempts back', () => {
    expect(nextAttemptNumber(told([deadline(10)]), 1)).toBe(1);
    expect(nextAttemptNumber(told([report('failed', 3, { reason: 'declined' })]), 1)).toBe(1);
  });

  test('gives back no more than twenty permits that came to nothing, whatever the reason', () => {
    const next = (past: Record<string, number>) => nextAttemptNumber({ ...told([deadline(10)]), past }, 1);
    expect(next({ '1.granted': 30, '1.void': 10, '1.transient': 8 })).toBe(1);
    expect(next({ '1.void': 10, '1.transient': 9 })).toBe('attempts-used');
  });

  test('allows no more attempts than the rollout does', () => {
    const failed = told([report('failed', 3)]);
    const reverted = told([report('rebooting', 3), onOld(5)]);
    for (const bad of [failed, reverted]) {
      expect(nextAttemptNumber(bad, 1)).toBe('attempts-used');
      expect(nextAttemptNumber(bad, 2)).toBe(2);
    }
  });

  test('allows another for each that was excused, of the next number, whatever it would have given back', () => {
    const excused: Fact = { fact: 'excused', attempt: PERMIT.id, atMs: 9_000 };
    const inQuarantine: Fact = { ...excused, fact: 'quarantined' };
    const ends = [
      [report('failed', 3), excused],
      [inQuarantine, deadline(10)],
      [inQuarantine, report('failed', 3, { reason: 'battery' })],
    ];
    for (const facts of ends) {
      const first = told(facts);
      expect(nextAttemptNumber(first, 1)).toBe(2);
      const second = told([report('failed', 4)], openAttempt({ ...PERMIT, number: 2 }, first));
      expect(nextAttemptNumber(second, 1)).toBe('attempts-used');
      expect(nextAttemptNumber(told([excused], second), 1)).toBe(3);
    }
    expect(nextAttemptNumber(told([inQuarantine, sighting(5)]), 1)).toBe('done');
  });
});

describe('openAttempt', () => {
  test('counts a retry under the cohort of retries, which is no evidence', () => {
    expect(openAttempt({ ...PERMIT, number: 2 }, told([report('failed', 3)])).cohort).toBe(RETRY_COHORT);
  });

  test('carries interruptions within one attempt number only', () => {
    const once = told([report('installing', 1), onOld(5)]);
    const twice = told([report('installing', 1), onOld(5)], openAttempt(PERMIT, once));
    expect(twice).toMatchObject({ state: 'void', interruptions: 2 });
    const thrice = told([report('installing', 1), onOld(5)], openAttempt(PERMIT, twice));
    expect(thrice).toMatchObject({ state: 'failed', reason: 'interrupted-repeatedly' });
    expect(openAttempt({ ...PERMIT, number: 2 }, thrice).interruptions).toBe(0);
  });

  test('keeps the timeline and the counts of what went before', () => {
    const again = openAttempt(PERMIT, told([deadline(10)]));
    expect(again.events.map(({ what }) => what)).toEqual(['granted', 'void', 'granted']);
    expect(again.past).toEqual({ '1.granted': 1, '1.void': 1 });
  });
});
