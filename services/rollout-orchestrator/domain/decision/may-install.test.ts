import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rank } from '../order/rank.ts';
import { inPriorityOrder } from './active-rollout.ts';
import { decideOffer } from './decide-offer.ts';
import type { DeviceFacts } from './device.ts';
import { mayInstall, type PermitDecision } from './may-install.ts';
import { arbitraryCase } from './testing/arbitrary-case.ts';
import { deviceFacts, inquiry, NOON, type RolloutChange, rolloutWith } from './testing/builders.ts';

const ASKED = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const question = { rollout: ASKED, release: 'cam/2.1.0' };

function ask(
  rollout: RolloutChange = {},
  facts: Partial<DeviceFacts> = {},
  higher: RolloutChange[] = [],
): PermitDecision {
  const rollouts = inPriorityOrder([
    rolloutWith(rollout),
    ...higher.map((one) =>
      rolloutWith({ ...one, rollout: 'higher', document: { priority: 200, ...one.document } }),
    ),
  ]);
  return mayInstall(inquiry({ facts: deviceFacts(facts) }), question, rollouts);
}
const said = (decision: PermitDecision): string =>
  decision.answer === 'may' ? 'may' : `${decision.answer}: ${decision.rule}`;

describe('a device that asks to install', () => {
  test('may, with the artifact for its hardware, when all that an offer needs still holds', () => {
    const decision = ask();
    expect(decision).toMatchObject({
      answer: 'may',
      rollout: { rollout: ASKED },
      artifact: { hardware: 'cam-rev-b' },
    });
  });

  test.each<[RolloutChange, string]>([
    [{ state: 'halted' }, 'withdrawn: not-running'],
    [{ state: 'aborted' }, 'withdrawn: not-running'],
    [{ state: 'paused' }, 'wait: paused'],
    [{ release: { published: false } }, 'withdrawn: release-not-published'],
    [{ release: { name: 'cam/2.1.1' } }, 'withdrawn: other-release'],
    [{ release: { sequence: 6 } }, 'withdrawn: not-newer'],
    [{ document: { selector: 'tag("lab")' } }, 'withdrawn: not-selected'],
    [{ document: { window: { from: '02:00', to: '05:00', zone: 'UTC' } } }, 'wait: window-closed'],
    [{ document: { start: '2026-12-01T13:00:00Z' } }, 'wait: not-started'],
    [{ stageFull: true }, 'wait: stage-full'],
    [{ offeredUpTo: 0 }, 'wait: not-offered-yet'],
    [{ rollout: 'other' }, 'withdrawn: rollout-not-active'],
  ])('of a rollout with %j is told: %s', (rollout, answer) => {
    expect(said(ask(rollout))).toBe(answer);
  });

  test.each<[Partial<DeviceFacts>, string]>([
    [{ decommissioned: true }, 'withdrawn: decommissioned'],
    [{ quarantined: true }, 'withdrawn: quarantined'],
    [{ hardware: 'cam-rev-c' }, 'withdrawn: hardware-differs'],
    [{ floor: 7 }, 'withdrawn: at-or-below-floor'],
    [{ tried: { [ASKED]: 1 } }, 'withdrawn: attempts-used'],
    [{ open: { rollout: 'other', attempt: 'a', sinceMs: 0 } }, 'wait: attempt-open'],
  ])('and of which we know %j is told: %s', (facts, answer) => {
    expect(said(ask({}, facts))).toBe(answer);
  });

  test('and that nobody knows is told to forget it', () => {
    const nobody = inquiry({ facts: undefined });
    expect(said(mayInstall(nobody, question, [rolloutWith()]))).toBe('withdrawn: unknown-device');
  });

  test('is taken over by a rollout of higher priority, and waits behind one that is paused', () => {
    expect(said(ask({}, {}, [{}]))).toBe('withdrawn: outranked');
    expect(said(ask({}, {}, [{ state: 'paused' }]))).toBe('wait: blocked-by-paused');
    expect(said(ask({}, {}, [{ state: 'halted' }]))).toBe('may');
    expect(said(ask({}, {}, [{ offeredUpTo: 0 }]))).toBe('may');
  });

  test('waits no longer than an hour for a start that is days away, and minutes for what has no known end', () => {
    const start = new Date(NOON + 72 * 3_600_000).toISOString();
    expect(ask({ document: { start } })).toMatchObject({ answer: 'wait', retryAfterSeconds: 3600 });
    const spread = Math.floor(rank(ASKED, 'cam-0001') * 600);
    expect(ask({ stageFull: true })).toMatchObject({ answer: 'wait', retryAfterSeconds: 300 + spread });
  });

  test('is not held up by rollouts of lower priority', () => {
    expect(said(ask({ document: { priority: 300 } }, {}, [{}]))).toBe('may');
  });
});

describe('a device that repeats itself while it holds a permit of that rollout', () => {
  const holding = { open: { rollout: ASKED, attempt: 'a', sinceMs: 0 }, tried: { [ASKED]: 1 } };

  test.each<[string, RolloutChange, RolloutChange[]]>([
    ['its own attempt', {}, []],
    ['the stage that it filled itself', { stageFull: true }, []],
    [
      'a window that has closed since',
      { document: { window: { from: '02:00', to: '05:00', zone: 'UTC' } } },
      [],
    ],
    ['a rollout of higher priority', {}, [{}]],
  ])('is not held up by %s', (_, rollout, higher) => {
    expect(said(ask(rollout, holding, higher))).toBe('may');
  });

  test('is held up by a pause and loses it by a halt or a revocation', () => {
    expect(said(ask({ state: 'paused' }, holding))).toBe('wait: paused');
    expect(said(ask({ state: 'halted' }, holding))).toBe('withdrawn: not-running');
    expect(said(ask({ release: { published: false } }, holding))).toBe('withdrawn: release-not-published');
  });
});

describe('any answer', () => {
  test('is may exactly where the offer would be made', () => {
    let granted = 0;
    fc.assert(
      fc.property(arbitraryCase, ({ inquiry: asked, rollouts }) => {
        fc.pre(asked.facts?.open === undefined);
        const decision = decideOffer(asked, rollouts);
        const offered = decision.kind === 'offer' ? decision.rollout.rollout : undefined;
        for (const { rollout, release } of rollouts) {
          const answer = mayInstall(asked, { rollout, release: release.name }, rollouts);
          expect(answer.answer === 'may').toBe(rollout === offered);
          if (answer.answer === 'may') granted += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(granted).toBeGreaterThan(20);
  });

  test('to wait says for how long: at least a second, at most an hour; and why, within the contract', () => {
    fc.assert(
      fc.property(arbitraryCase, ({ inquiry: asked, rollouts }) => {
        for (const { rollout, release } of rollouts) {
          const answer = mayInstall(asked, { rollout, release: release.name }, rollouts);
          if (answer.answer === 'may') continue;
          expect(answer.why.length).toBeGreaterThan(0);
          expect(answer.why.length).toBeLessThanOrEqual(200);
          if (answer.answer !== 'wait') continue;
          expect(Number.isInteger(answer.retryAfterSeconds)).toBe(true);
          expect(answer.retryAfterSeconds).toBeGreaterThanOrEqual(1);
          expect(answer.retryAfterSeconds).toBeLessThanOrEqual(3600);
        }
      }),
      { numRuns: 300 },
    );
  });
});
