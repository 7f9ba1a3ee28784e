import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FAULTS } from '../faults/all.ts';
import { ratesOf } from '../run/rates.ts';
import { scenarioOf } from '../run/scenario.ts';
import type { Task } from '../workers/messages.ts';
import { Pool } from '../workers/pool.ts';
import { shrink } from './shrink.ts';

/** Fails in the first history in which a device tries a new image out. */
const MUTANT = 'trial-is-proof';
const WHOLE: Task = { seed: '1', limits: {}, without: [], withLines: false };

let broken: Pool;
beforeAll(() => {
  broken = new Pool(1, MUTANT);
});
afterAll(() => broken.close());

test('a failure is made smaller until nothing more can be taken away, and stays the same failure', async () => {
  const { violation = '' } = await broken.one(WHOLE);
  expect(violation).toMatch(/^invariant 7 /);
  const steps: string[] = [];
  const live = (task: Task) => broken.one(task);
  const least = await shrink(WHOLE, violation, live, (line) => steps.push(line));

  const report = await broken.one({ ...least, withLines: true });
  expect(report.violation).toMatch(/^invariant 7 /);
  expect(report.lines?.at(-1)).toContain('VIOLATION  invariant 7 ');
  expect(steps).toContain('still fails without any fault');
  expect(ratesOf(least.seed, FAULTS, new Set(least.without)).size).toBe(0);
  const [before, after] = [scenarioOf('1', WHOLE.limits), scenarioOf('1', least.limits)];
  expect(after.devices.length).toBeLessThan(before.devices.length);
  expect(after.unkindMs).toBeLessThan(before.unkindMs);
  expect(after.rollouts).toHaveLength(1);
}, 300_000);
