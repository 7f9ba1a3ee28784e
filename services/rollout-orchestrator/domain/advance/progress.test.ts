import { describe, expect, test } from '@jest/globals';
import { RETRY_COHORT } from '../counting/cohorts.ts';
import { type CounterDeltas, countersOf } from '../counting/counters.ts';
import { documentWith } from '../document/testing/document-with.ts';
import { confirmedOfStage } from '../stages/gate.ts';
import { firstProgress, openNextStage } from './progress.ts';
import { tallyRollout } from './tally-rollout.ts';

const STAGES = [
  { name: 'canary', count: 10 },
  { name: 'early', count: 15 },
  { name: 'all', percent: 100 },
];

const tally = (granted: Readonly<Record<number, number>>, counts: CounterDeltas) =>
  tallyRollout(
    new Map(Object.entries(granted).map(([cohort, count]) => [Number(cohort), count])),
    countersOf(counts),
  );

/** How many are confirmed in the second stage: it opens at `then`, and all has come to `now`. */
function confirmed(then: ReturnType<typeof tally>, now: ReturnType<typeof tally>): number {
  const { before } = openNextStage(
    documentWith({ stages: STAGES }),
    { progress: firstProgress(0), tally: then },
    1,
  );
  return confirmedOfStage(now.good, before.good, before.unresolved);
}

describe('what a stage has confirmed', () => {
  test('is what became good since it opened, less those that were pending then', () => {
    expect(confirmed(tally({ 1: 10 }, { '1.good': 8 }), tally({ 1: 15 }, { '1.good': 15 }))).toBe(5);
  });

  test('is not less for second attempts that were pending then, which never confirm anything', () => {
    const then = tally({ 1: 10, [RETRY_COHORT]: 3 }, { '1.good': 7, '1.failed': 3 });
    const now = tally(
      { 1: 15, [RETRY_COHORT]: 3 },
      { '1.good': 12, '1.failed': 3, [`${RETRY_COHORT}.good`]: 3 },
    );
    expect(confirmed(then, now)).toBe(5);
  });
});
