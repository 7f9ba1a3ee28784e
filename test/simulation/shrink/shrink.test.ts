import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FAULTS } from '../faults/all.ts';
import { ratesOf } from '../run/rates.ts';
import { scenarioOf } from '../run/scenario.ts';
import type { Task } from '../workers/messages.ts';
import { Pool } from '../workers/pool.ts';
import { shrink } from './shrink.ts';

/** Fails in every history in which a device tries a new image out. */
const MUTANT = 'trial-is-proof';
const MOST_SEEDS = 20;

let broken: Pool;
beforeAll(() => {
  broken = new Pool(1, { mutant: MUTANT });
});
afterAll(() => broken.close());

/** The first history that the mutant fails as it must, with its faults and all of its devices. */
async function firstFailure(): Promise<{ readonly whole: Task; readonly violation: string }> {
  for (let seed = 1; seed <= MOST_SEEDS; seed += 1) {
    const whole: Task = { seed: String(seed), limits: {}, without: [], withLines: false };
    const { violation } = await broken.one(whole);
    if (violation?.startsWith('invariant 7 ')) return { whole, violation };
  }
  throw new Error(`${MUTANT} is not caught by ${MOST_SEEDS} seeds`);
}

const faultsAtWork = ({ seed, without }: Task): number => ratesOf(seed, FAULTS, { without }).size;

test('a failure is made smaller until nothing more can be taken away, and stays the same failure', async () => {
  const { whole, violation } = await firstFailure();
  const steps: string[] = [];
  const live = (task: Task) => broken.one(task);
  const least = await shrink(whole, violation, live, (line) => steps.push(line));

  const report = await broken.one({ ...least, withLines: true });
  expect(report.violation).toMatch(/^invariant 7 /);
  expect(report.lines?.at(-1)).toContain('VIOLATION  invariant 7 ');
  expect(steps.length).toBeGreaterThan(0);
  expect(faultsAtWork(least)).toBeLessThan(faultsAtWork(whole));
  const [before, after] = [scenarioOf(whole.seed, whole.limits), scenarioOf(whole.seed, least.limits)];
  // The failure may be of the last device, which then keeps the others.
  expect(after.devices.length).toBeLessThanOrEqual(before.devices.length);
  expect(after.unkindMs).toBeLessThan(before.unkindMs);
  expect(after.rollouts.length).toBeLessThanOrEqual(before.rollouts.length);
}, 300_000);
