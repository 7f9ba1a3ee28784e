import { chance } from '../../services/rollout-orchestrator/domain/halting/chance.fixture.ts';
import { simulateRelease } from './simulate-release.ts';
import { bricksHeardAtOnce, bricksHeardLate, THRESHOLD_RULES } from './threshold-rules.ts';

/** Some runs at one true rate of bricks; seeds go from `firstSeed` on, so that parts of a job can run apart. */
export interface HaltingJob {
  readonly brickRate: number;
  readonly firstSeed: number;
  readonly runs: number;
}

/** What the runs of a job have shown: bricks of each run, by method. */
export interface HaltingResult {
  readonly brickRate: number;
  readonly halted: number;
  readonly bricked: readonly number[];
  readonly rules: readonly {
    readonly name: string;
    readonly atOnce: readonly number[];
    readonly late: readonly number[];
  }[];
}

/** Runs a job; the same job always gives the same. */
export function runHaltingJob({ brickRate, firstSeed, runs }: HaltingJob): HaltingResult {
  const seeds = Array.from({ length: runs }, (_, run) => 7_919 * (firstSeed + run) + 1);
  const outcomes = seeds.map((seed) => simulateRelease(chance(seed), brickRate));
  return {
    brickRate,
    halted: outcomes.filter(({ halted }) => halted).length,
    bricked: outcomes.map(({ bricked }) => bricked),
    rules: THRESHOLD_RULES.map((rule) => ({
      name: rule.name,
      atOnce: seeds.map((seed) => bricksHeardAtOnce(rule, chance(seed), brickRate)),
      late: seeds.map((seed) => bricksHeardLate(rule, chance(seed), brickRate)),
    })),
  };
}
