import { describe, expect, test } from '@jest/globals';
import { applyFact } from './apply-fact.ts';
import {
  CONTEXT,
  deadline,
  GRANTED_MS,
  granted,
  minute,
  onOld,
  report,
  sighting,
} from './attempt.fixture.ts';
import type { Attempt } from './attempt.ts';
import { packAttempt, unpackAttempt } from './attempt-row.ts';
import type { Fact } from './facts.ts';
import { LONGEST_AWAY_MS } from './moves.ts';

const told = (start: Attempt, ...facts: readonly Fact[]): Attempt =>
  facts.reduce((attempt, fact) => applyFact(attempt, fact, CONTEXT).attempt, start);

/** An attempt of a device that promised to begin within its permit, and to say nothing before its next boot. */
const promised = (backWithinMs?: number): Attempt =>
  granted({
    begun: {
      asked: 1,
      atMs: GRANTED_MS - 2_000,
      promised: backWithinMs === undefined ? {} : { backWithinMs },
      context: CONTEXT,
    },
  });

/** Minutes from the permit to the end of its life and of the silence after it. */
const DEADLINE = (promised().permitEndMs + CONTEXT.silentAfterMs - GRANTED_MS) / 60_000;

describe('an attempt whose device promised to say nothing before its next boot', () => {
  test('is silent, as one that said that it leaves, when silence has lasted from the end of its permit on', () => {
    const attempt = promised();
    expect(attempt.deadlineMs).toBe(minute(DEADLINE));
    expect(told(attempt, deadline(DEADLINE - 1))).toEqual(attempt);
    expect(told(attempt, deadline(DEADLINE))).toMatchObject({ state: 'silent', reached: 'installing' });
  });

  test('waits longer for who announced a longer absence, and for nobody more than 30 days', () => {
    const backWithinMs = 2 * CONTEXT.silentAfterMs;
    expect(promised(backWithinMs).deadlineMs).toBe(promised().permitEndMs + backWithinMs);
    expect(promised(CONTEXT.silentAfterMs - 1).deadlineMs).toBe(promised().deadlineMs);
    expect(promised(2 * LONGEST_AWAY_MS).deadlineMs).toBe(promised().permitEndMs + LONGEST_AWAY_MS);
  });

  test('comes to any end that its next check shows, without a word in between', () => {
    expect(told(promised(), sighting(3))).toMatchObject({ state: 'good', reached: 'rebooting' });
    const last = { attempt: promised().id, state: 'rebooting' };
    expect(told(promised(), onOld(3, { last }))).toMatchObject({ state: 'reverted' });
    expect(told(promised(), onOld(3))).toMatchObject({ state: 'void', reason: 'interrupted' });
  });

  test('may say more than it promised, which counts as ever', () => {
    expect(told(promised(), report('failed', 1)).state).toBe('failed');
    const left = told(promised(), report('rebooting', 1));
    expect(left.deadlineMs).toBe(minute(1) + CONTEXT.silentAfterMs);
  });

  test('is kept as it is', () => {
    expect(unpackAttempt(packAttempt(promised()))).toEqual(promised());
  });
});
