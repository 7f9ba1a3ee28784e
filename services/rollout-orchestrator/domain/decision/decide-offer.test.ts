import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareVersions } from '#shared/contracts/version.ts';
import { rank } from '../order/rank.ts';
import { inPriorityOrder } from './active-rollout.ts';
import { decideOffer } from './decide-offer.ts';
import { arbitraryCase } from './testing/arbitrary-case.ts';
import { deviceFacts, inquiry, NOON, type RolloutChange, rolloutWith } from './testing/builders.ts';
import type { Trace } from './trace.ts';

const HOUR = 3_600_000;
const HIGH = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5H';
const LOW = '01JD4Z6Q7R8S9T0V1W2X3Y4Z51';

/** `rollout: rule` of each entry of the trace, for a high and a low rollout. */
function traceOf(high: RolloutChange, low: RolloutChange = {}): string[] {
  const rollouts = inPriorityOrder([
    rolloutWith({ ...low, rollout: LOW, document: { priority: 100, ...low.document } }),
    rolloutWith({ ...high, rollout: HIGH, document: { priority: 200, ...high.document } }),
  ]);
  const trace: Trace = [];
  decideOffer(inquiry(), rollouts, trace);
  return trace.map(({ rollout, rule }) => `${rollout === HIGH ? 'high' : 'low'}: ${rule}`);
}

describe('several rollouts', () => {
  test('are asked by priority, then the newer launch, then the greater id', () => {
    const rollouts = [
      rolloutWith({ rollout: 'a', launchedMs: 5 }),
      rolloutWith({ rollout: 'b', launchedMs: 5 }),
      rolloutWith({ rollout: 'c', launchedMs: 6 }),
      rolloutWith({ rollout: 'd', launchedMs: 1, document: { priority: 101 } }),
    ];
    expect(inPriorityOrder(rollouts).map((one) => one.rollout)).toEqual(['d', 'c', 'b', 'a']);
  });

  test('the one of higher priority is offered', () => {
    expect(traceOf({})).toEqual(['high: offered', 'low: outranked']);
  });

  test.each(['halted', 'aborted'] as const)('one that is %s does not block those below it', (state) => {
    expect(traceOf({ state })).toEqual(['high: not-running', 'low: offered']);
  });

  test('one that is paused blocks those below it for its members', () => {
    expect(traceOf({ state: 'paused' })).toEqual(['high: paused', 'low: blocked-by-paused']);
  });

  test('one that is paused blocks its members before their stage has opened too', () => {
    expect(traceOf({ state: 'paused', offeredUpTo: 0 })).toEqual(['high: paused', 'low: blocked-by-paused']);
  });

  test.each<[string, RolloutChange]>([
    ['does not select', { document: { selector: 'tag("lab")' } }],
    ['could not serve', { release: { sequence: 6 } }],
    ['has no artifact for', { release: { artifacts: [] } }],
  ])('one that is paused does not block devices that it %s', (_, change) => {
    expect(traceOf({ ...change, state: 'paused' }).at(-1)).toBe('low: offered');
  });

  test('one whose turn has not come leaves the device to those below it', () => {
    expect(traceOf({ offeredUpTo: 0 })).toEqual(['high: not-offered-yet', 'low: offered']);
  });
});

describe('when to ask again', () => {
  const { deviceId } = deviceFacts();
  const at = rank('01JD4Z6Q7R8S9T0V1W2X3Y4Z5D', deviceId);
  const spread = Math.floor(at * 600);
  const answerTo = (change: RolloutChange, nowMs = NOON) =>
    decideOffer(inquiry({ nowMs }), [rolloutWith(change)]);

  test('is not said where nothing is to come', () => {
    expect(answerTo({ state: 'halted' })).toEqual({ kind: 'nothing' });
    expect(answerTo({ stageFull: true })).toEqual({ kind: 'nothing' });
    expect(decideOffer(inquiry(), [])).toEqual({ kind: 'nothing' });
  });

  test('is not said for a start that is past, or a window that is open, where something else is in the way', () => {
    const window = { from: '11:00', to: '13:00', zone: 'UTC' };
    const start = new Date(NOON - HOUR).toISOString();
    expect(answerTo({ stageFull: true, document: { start, window } })).toEqual({ kind: 'nothing' });
  });

  test('is not before the very moment', () => {
    const document = { start: new Date(NOON + 1).toISOString() };
    expect(answerTo({ document })).toEqual({ kind: 'nothing', retryAfterSeconds: 1 + spread });
  });

  test('is said up to an hour ahead', () => {
    const start = (seconds: number) => ({ start: new Date(NOON + seconds * 1000).toISOString() });
    expect(answerTo({ document: start(3600 - spread) })).toEqual({
      kind: 'nothing',
      retryAfterSeconds: 3600,
    });
    expect(answerTo({ document: start(3601 - spread) })).toEqual({ kind: 'nothing' });
  });

  test('is soon after the start, spread by rank, once that is near', () => {
    const document = { start: new Date(NOON + HOUR / 2).toISOString() };
    expect(answerTo({ document })).toEqual({ kind: 'nothing', retryAfterSeconds: 1800 + spread });
    expect(answerTo({ document }, NOON - 24 * HOUR)).toEqual({ kind: 'nothing' });
  });

  test('is soon after the opening of the window, and before a short one closes', () => {
    const window = { from: '12:30', to: '12:40', zone: 'UTC' };
    expect(answerTo({ document: { window } })).toEqual({
      kind: 'nothing',
      retryAfterSeconds: 1800 + Math.floor(at * 150),
    });
    expect(answerTo({ document: { window: { ...window, from: '14:00', to: '15:00' } } })).toEqual({
      kind: 'nothing',
    });
  });

  test('is by rank and pace while offers have not reached the device', () => {
    const document = { pace: { perMinute: 10 } };
    const devicesAhead = 300;
    const offeredUpTo = at - devicesAhead / 2_000_000;
    expect(answerTo({ document, offeredUpTo, members: 2_000_000 })).toEqual({
      kind: 'nothing',
      retryAfterSeconds: 1800,
    });
    expect(answerTo({ document, offeredUpTo: 0, members: 2_000_000 })).toEqual({ kind: 'nothing' });
  });

  test('is never sooner than ten minutes for an offer cursor that may stand still', () => {
    expect(answerTo({ offeredUpTo: at, members: 2000 })).toEqual({ kind: 'nothing', retryAfterSeconds: 600 });
  });

  test('is the soonest of what several rollouts say', () => {
    const near = rolloutWith({ rollout: LOW, document: { start: new Date(NOON + 60_000).toISOString() } });
    const far = rolloutWith({ rollout: HIGH, document: { start: new Date(NOON + 2_000_000).toISOString() } });
    const expected = 60 + Math.floor(rank(LOW, deviceId) * 600);
    for (const rollouts of [
      [near, far],
      [far, near],
    ]) {
      expect(decideOffer(inquiry(), rollouts)).toEqual({
        kind: 'nothing',
        retryAfterSeconds: expected,
      });
    }
  });
});

describe('any decision', () => {
  test('is the same whether somebody asks why or not', () => {
    fc.assert(
      fc.property(arbitraryCase, ({ inquiry: asked, rollouts }) => {
        const trace: Trace = [];
        const decision = decideOffer(asked, rollouts, trace);
        expect(decideOffer(asked, rollouts)).toEqual(decision);
        expect(trace.map((entry) => entry.rollout)).toEqual(rollouts.map((one) => one.rollout));
        const offered = trace.filter((entry) => entry.rule === 'offered').map((entry) => entry.rollout);
        expect(offered).toEqual(decision.kind === 'offer' ? [decision.rollout.rollout] : []);
        for (const entry of trace) expect(entry.explanation).not.toMatch(/undefined|NaN/);
      }),
      { numRuns: 500 },
    );
  });

  test('offers only what is published, signed for that hardware, newer, and of the same tenant', () => {
    let offers = 0;
    fc.assert(
      fc.property(arbitraryCase, ({ inquiry: { facts, says, nowMs }, rollouts }) => {
        const decision = decideOffer({ facts, says, nowMs }, rollouts);
        if (decision.kind !== 'offer') return;
        offers += 1;
        const { rollout, artifact } = decision;
        if (facts === undefined) throw new Error('an offer for a device that nobody knows');
        expect(facts.decommissioned || facts.quarantined).toBe(false);
        expect(facts.open).toBeUndefined();
        expect(rollout.tenant).toBe(facts.tenant);
        expect(rollout.state).toBe('running');
        expect(rollout.release.published).toBe(true);
        expect(artifact.hardware).toBe(facts.hardware);
        expect(says.hardware).toBe(facts.hardware);
        expect(rollout.release.sequence).toBeGreaterThan(facts.floor);
        const { fromMin } = rollout.release;
        if (fromMin !== undefined) expect(compareVersions(says.version, fromMin)).toBeGreaterThanOrEqual(0);
        expect(facts.tried[rollout.rollout] ?? 0).toBeLessThan(rollout.document.retry.attempts);
        expect(rank(rollout.rollout, facts.deviceId)).toBeLessThan(rollout.offeredUpTo);
      }),
      { numRuns: 1000 },
    );
    expect(offers).toBeGreaterThan(50);
  });
});
