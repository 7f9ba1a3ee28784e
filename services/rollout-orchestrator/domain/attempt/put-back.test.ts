import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyFact } from './apply-fact.ts';
import { CONTEXT, GRANTED_MS, granted, minute, PERMIT, report } from './attempt.fixture.ts';
import { deadlineOf } from './moves.ts';
import { putBack } from './put-back.ts';

const HOURS = 60;
const apply = (fact: Parameters<typeof applyFact>[1], attempt = granted()) =>
  applyFact(attempt, fact, CONTEXT);
const rebooting = apply(report('rebooting', 5)).attempt;

describe('an attempt that was granted while the clock was ahead', () => {
  test('is proven by what is heard since the clock was put back', () => {
    const nowMs = minute(-5 * HOURS);
    const proof = {
      fact: 'sighting' as const,
      version: PERMIT.target.version,
      bootId: 'boot-new',
      confirmed: true,
      atMs: nowMs - 2_000,
    };
    expect(apply(proof, rebooting).ignored).toBe('stale');
    const moved = putBack(rebooting, proof.atMs, nowMs, CONTEXT);
    expect(apply(proof, moved).attempt.state).toBe('good');
  });

  test('is silent, and its permit over, as long after as if it were granted now', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 100 * HOURS }),
        fc.integer({ min: 0, max: 2 * HOURS }),
        fc.constantFrom(granted(), apply(report('installing', 1)).attempt, rebooting),
        (aheadMinutes, lateMinutes, attempt) => {
          const nowMs = minute(-aheadMinutes);
          const moved = putBack(attempt, minute(-aheadMinutes - lateMinutes), nowMs, CONTEXT);
          const lifeMs = attempt.permitEndMs - attempt.grantedMs;
          expect(moved.grantedMs).toBeLessThan(nowMs);
          expect(moved.grantedMs).toBeGreaterThan(nowMs - 61_000);
          expect(moved.permitEndMs - moved.grantedMs).toBe(lifeMs);
          expect(moved.deadlineMs).toBe(deadlineOf(moved, CONTEXT));
          expect(moved.deadlineMs).toBeLessThanOrEqual(attempt.deadlineMs ?? 0);
        },
      ),
    );
  });

  test('keeps what was heard since the clock was put back where it is', () => {
    const spokenMs = minute(-5 * HOURS);
    const nowMs = spokenMs + 20 * 60_000;
    expect(putBack({ ...rebooting, spokenMs }, nowMs, nowMs, CONTEXT)).toMatchObject({
      spokenMs,
      deadlineMs: spokenMs + CONTEXT.silentAfterMs,
    });
  });

  test('is any other, where clocks only differ or it has ended', () => {
    expect(putBack(rebooting, GRANTED_MS, minute(4.5), CONTEXT)).toBe(rebooting);
    const ended = apply(report('failed', 6), rebooting).attempt;
    expect(putBack(ended, GRANTED_MS, minute(-5 * HOURS), CONTEXT)).toBe(ended);
  });
});
