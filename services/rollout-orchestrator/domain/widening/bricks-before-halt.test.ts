import { describe, expect, test } from '@jest/globals';
import { chance } from '../halting/chance.fixture.ts';
import { type Fate, type Outcome, simulateRollout } from './simulated-rollout.fixture.ts';

const SETTINGS = {
  firstWindow: 10,
  growth: 1,
  stageCeiling: 1_000_000,
  suspectAtLeastMs: 120_000,
  failureRate: 0.001,
  lostRate: 0.05,
  falseHalt: 0.001,
};
const TICK_MS = 30_000;

/** Successes come quickly, at one to some five minutes; a brick is scored only after half an hour of silence. */
const fateAt =
  (random: () => number, brickRate: number) =>
  (cohort = 1): Fate => ({
    cohort,
    provenAfterMs: random() < brickRate ? 'never' : 60_000 - 40_000 * Math.log(random()),
  });

const brickedBy = ({ bricked }: Outcome): number =>
  [...bricked.values()].reduce((sum, count) => sum + count, 0);

describe('a release that bricks', () => {
  // `npm run bench -- --only bricks` has the figures of 400 runs each, looked at every five seconds (docs/performance.md).
  test.each([
    { rate: 1, runs: 20, least: 10, most: 10 },
    { rate: 0.2, runs: 40, least: 3, most: 5 },
    { rate: 0.05, runs: 40, least: 4.5, most: 8 },
    { rate: 0.02, runs: 30, least: 5, most: 10 },
    { rate: 0.01, runs: 20, least: 8, most: 18 },
  ])(
    'with chance $rate is halted among a million devices after $least to $most bricks in the mean',
    (setup) => {
      const bricks = Array.from({ length: setup.runs }, (_, run) => {
        const next = fateAt(chance(7_919 * run + 1), setup.rate);
        const outcome = simulateRollout(SETTINGS, () => next(), TICK_MS);
        expect(outcome.halted).toBe(true);
        return brickedBy(outcome);
      });
      const mean = bricks.reduce((sum, count) => sum + count, 0) / bricks.length;
      expect(mean).toBeGreaterThanOrEqual(setup.least);
      expect(mean).toBeLessThanOrEqual(setup.most);
    },
  );

  test('only on hardware that shows up late costs a first window of that hardware', () => {
    const random = chance(3);
    const healthy = fateAt(random, 0);
    const bad = fateAt(random, 1);
    let granted = 0;
    const outcome = simulateRollout(
      SETTINGS,
      () => {
        granted += 1;
        return granted > 3_000 && random() < 0.05 ? bad(2) : healthy(1);
      },
      TICK_MS,
    );
    expect(outcome).toMatchObject({ halted: true, bricked: new Map([[2, 10]]) });
    expect(outcome.exposed).toBeGreaterThan(3_000);
  });
});

describe('a healthy release', () => {
  test('reaches ten thousand devices in as many doublings as it takes, and no faster', () => {
    const next = fateAt(chance(5), 0);
    const outcome = simulateRollout({ ...SETTINGS, stageCeiling: 10_000 }, () => next(), TICK_MS);
    expect(outcome).toMatchObject({ halted: false, exposed: 10_000 });
    const minutes = outcome.endedMs / 60_000;
    expect(minutes).toBeGreaterThan(10 * 2);
    expect(minutes).toBeLessThan(12 * 8);
  });
});
