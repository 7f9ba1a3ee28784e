import { beforeAll, describe, expect, test } from '@jest/globals';
import { HOT_KEY_WRITE_UNITS } from '#shared/metering/key-heat.ts';
import { MEASURED } from '#shared/metering/measured-steps.ts';
import { dollarsOf } from '#shared/metering/price-book.ts';
import { type CostFigures, measureCost } from '../../bench/cost/cost-figures.ts';

/** A small fleet through the real functions over the metered embedded home, in full batches, scaled to a million. */
const FLEET = { devices: 200, wave: 100, idleChecks: 1 };
/** One hundred at once are a fortieth of the bench's burst of 4,000; a key must not take more than four times that share. */
const SHARE_OF_BURST = 0.1;
/** Bars of docs/cost.md, in dollars: what a million updates cost in each way. */
const BARS = [
  ['asked', 'in two steps', 12.5],
  ['direct', 'in one answer', 8],
] as const;

describe.each(BARS)('AWS list price by the meter, %s: updates %s', (way, _text, bar) => {
  let cost: CostFigures;
  // What a rollout takes whatever its fleet is measured with more devices than these (npm run cost).
  const sharedDollars = dollarsOf(MEASURED.perDevice[way].control ?? {}) * 1e6;
  const updateDollars = () => {
    const { control: _, ...own } = cost.stepDollars;
    return Object.values(own).reduce((sum, one) => sum + one, sharedDollars);
  };
  beforeAll(async () => {
    cost = await measureCost({ ...FLEET, way });
  }, 120_000);

  test('is of an update that every device has gone through', () => {
    expect(cost.good).toBe(FLEET.devices);
  });

  test('of a million idle checks is below 0.60 dollars', () => {
    expect(cost.idleDollars).toBeLessThan(0.6);
  });

  test('of a million idle checks is not so far below that the bar should be lower', () => {
    expect(cost.idleDollars).toBeGreaterThan(0.5);
  });

  test(`of one update of a million devices is below ${bar} dollars`, () => {
    expect(updateDollars()).toBeLessThan(bar);
  });

  test('of one update of a million devices is not so far below that the bar should be lower', () => {
    expect(updateDollars()).toBeGreaterThan(bar - 1);
  });

  test('of one update has its share of what the rollout takes whatever its fleet', () => {
    expect(cost.stepDollars.control).toBeGreaterThan(0);
    expect(sharedDollars).toBeGreaterThan(0);
  });

  test('is what the report of an AWS home reckons with, within five per cent of each step (npm run cost)', () => {
    for (const step of ['offer', 'permit', 'report', 'proof', 'log'] as const) {
      const reckoned = dollarsOf(MEASURED.perDevice[way][step] ?? {}) * 1e6;
      expect(Math.abs(reckoned - cost.stepDollars[step])).toBeLessThanOrEqual(0.05 * cost.stepDollars[step]);
    }
    expect(Math.abs((dollarsOf(MEASURED.perIdleCheck) * 1e6) / cost.idleDollars - 1)).toBeLessThan(0.05);
  });

  test('leaves no key near what DynamoDB throttles', () => {
    const [hottest] = cost.hottest;
    expect(hottest?.writeUnits).toBeGreaterThan(0);
    expect(hottest?.writeUnits).toBeLessThan(HOT_KEY_WRITE_UNITS * SHARE_OF_BURST);
  });
});
