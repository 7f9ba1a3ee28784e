import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyFact } from './apply-fact.ts';
import { anyFact, asked, begun, CONTEXT, deadline, granted } from './attempt.fixture.ts';
import { type Attempt, isOpen, OPEN_STATES } from './attempt.ts';
import { packAttempt, unpackAttempt } from './attempt-row.ts';
import type { Fact } from './facts.ts';
import { LONGEST_AWAY_MS } from './moves.ts';
import { tallyOf } from './tally.ts';

const START = granted();
const histories = fc.array(anyFact(START.id), { maxLength: 25 });
const STARTS = [
  ['granted', START],
  ['begun with its permit', begun()],
] as const;
/** Found once: each repetition lengthened the timeline. */
const TRIAL_BEFORE_PERMIT: Fact = {
  fact: 'sighting',
  version: '2.1.0',
  bootId: 'boot-new',
  confirmed: false,
  atMs: START.grantedMs - 1_000,
};
/** How far along its edges an attempt is; ends are all equally far. */
const rank = (attempt: Attempt): number =>
  isOpen(attempt) ? OPEN_STATES.indexOf(attempt.state) : OPEN_STATES.length;

describe.each(STARTS)('an attempt that is %s, whatever is heard of it', (_, start) => {
  /** Every attempt on the way through a history, the first included. */
  function passThrough(facts: readonly Fact[]): Attempt[] {
    const passed: Attempt[] = [start];
    for (const fact of facts) passed.push(applyFact(passed.at(-1) ?? start, fact, CONTEXT).attempt);
    return passed;
  }
  const last = (facts: readonly Fact[]): Attempt => passThrough(facts).at(-1) ?? start;

  test('never moves back and never leaves its end', () => {
    fc.assert(
      fc.property(histories, (facts) => {
        const passed = passThrough(facts);
        for (const [i, attempt] of passed.slice(1).entries()) {
          const before = passed[i] ?? start;
          expect(rank(attempt)).toBeGreaterThanOrEqual(rank(before));
          if (!isOpen(before))
            expect(attempt).toMatchObject({ state: before.state, endedMs: before.endedMs });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('counts each transition once, and exactly what its row tells', () => {
    fc.assert(
      fc.property(histories, (facts) => {
        const counts: Record<string, number> = Object.fromEntries(tallyOf(start).map((kind) => [kind, 1]));
        let attempt: Attempt = start;
        for (const fact of facts) {
          const applied = applyFact(attempt, fact, CONTEXT);
          for (const { kind, change } of applied.transitions) counts[kind] = (counts[kind] ?? 0) + change;
          attempt = applied.attempt;
        }
        const told = Object.fromEntries(tallyOf(attempt).map((kind) => [kind, 1]));
        expect(Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))).toEqual(told);
      }),
      { numRuns: 500 },
    );
  });

  test('takes a repeated fact as nothing at all', () => {
    fc.assert(
      fc.property(histories, anyFact(START.id), (facts, fact) => {
        const { attempt } = applyFact(last(facts), fact, CONTEXT);
        expect(applyFact(attempt, fact, CONTEXT).attempt).toBe(attempt);
      }),
      // A trial boot that was seen between the question and the permit.
      { numRuns: 500, examples: [[[], TRIAL_BEFORE_PERMIT]] },
    );
  });

  test('says why it ignores a fact exactly when the row stays the same', () => {
    fc.assert(
      fc.property(histories, anyFact(START.id), (facts, fact) => {
        const before = last(facts);
        const { attempt, ignored, transitions } = applyFact(before, fact, CONTEXT);
        expect(ignored !== undefined).toBe(attempt === before);
        if (ignored !== undefined) expect(transitions).toEqual([]);
      }),
    );
  });

  test('is resolved within permit life, installWithin and the longest that a device may be away', () => {
    fc.assert(
      fc.property(histories, (facts) => {
        const attempt = last(facts);
        expect(attempt.deadlineMs === undefined).toBe(!isOpen(attempt));
        if (attempt.deadlineMs === undefined) return;
        const installedMs = attempt.permitEndMs + CONTEXT.installWithinMs;
        expect(attempt.deadlineMs).toBeLessThanOrEqual(
          Math.max(installedMs, attempt.spokenMs + LONGEST_AWAY_MS),
        );
        const due = applyFact(attempt, deadline(0, { nowMs: attempt.deadlineMs }), CONTEXT);
        expect(isOpen(due.attempt)).toBe(false);
      }),
    );
  });

  test('is good only where it was seen on the target, confirmed, in a boot that had not spoken for it', () => {
    fc.assert(
      fc.property(histories, (facts) => {
        const passed = passThrough(facts);
        const index = passed.findIndex(({ state }) => state === 'good');
        if (index < 0) return;
        expect(facts[index - 1]).toMatchObject({ fact: 'sighting', version: '2.1.0', confirmed: true });
        expect(facts[index - 1]).not.toMatchObject({ bootId: passed[index - 1]?.bootId });
      }),
      { numRuns: 500 },
    );
  });

  test('is ended by no copy of the request that was answered, nor by an older one', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 3 }), fc.boolean(), (facts, back, again) => {
        const before = last(facts);
        const number = Math.max(1, (before.asked ?? 1) - back);
        const copy = { ...asked(number, 30), bootId: before.bootId, again };
        if (before.asked === undefined) return;
        expect(applyFact(before, copy, CONTEXT).attempt).toBe(before);
      }),
    );
  });

  test('is the same after its row was written and read', () => {
    fc.assert(
      fc.property(histories, (facts) => {
        const attempt = last(facts);
        expect(unpackAttempt({ pk: 'U#x', sk: 'y', revision: 3, ...packAttempt(attempt) })).toEqual(attempt);
      }),
    );
  });
});
