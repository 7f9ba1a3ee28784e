import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HaltingJob, HaltingResult } from '../halting/halting-runs.ts';
import { quantile, shareInterval, spreadOf } from '../measure/quantiles.ts';
import type { BenchRun, Figure } from './bench-run.ts';

const WORKER = path.resolve(import.meta.dirname, '../halting/worker.ts');
/** True rates of devices that never come back. */
const BRICK_RATES = [1, 0.2, 0.05, 0.02, 0.01, 0.003];
/** Healthy releases: exactly at the rate that is tolerated, which is the worst of them, and well below it. */
const HEALTHY_RATES = [0.001, 0.0002];
/** Runs that one thread does at a time: progress can be told, and both cores end at about the same time. */
const RUNS_PER_JOB = 20;
/** 95 % of a normal distribution lie within so many standard deviations. */
const Z = 1.96;

/**
 * Bricks before halt by the product's own decisions, beside the threshold rules of other systems, and false halts. Those rules are
 * shown twice: every end is heard before the next device is exposed, and with a thousand devices a minute and the delays that
 * Evenkeel is measured with. The same runs always give the same.
 */
export async function benchBricks(run: BenchRun): Promise<Figure[]> {
  const jobs = [...HEALTHY_RATES, ...BRICK_RATES].flatMap((brickRate) => jobsOf(brickRate, run.releases));
  const results = await runAll(jobs, run.progress);
  const of = (rate: number) => results.filter(({ brickRate }) => brickRate === rate);
  return [
    ...BRICK_RATES.flatMap((rate) => brickFigures(rate, of(rate))),
    ...HEALTHY_RATES.flatMap((rate) => healthyFigures(rate, of(rate))),
  ];
}

function jobsOf(brickRate: number, runs: number): HaltingJob[] {
  return Array.from({ length: Math.ceil(runs / RUNS_PER_JOB) }, (_, job) => {
    const firstSeed = job * RUNS_PER_JOB;
    return { brickRate, firstSeed, runs: Math.min(RUNS_PER_JOB, runs - firstSeed) };
  });
}

async function runAll(
  jobs: readonly HaltingJob[],
  progress: (text: string) => void,
): Promise<HaltingResult[]> {
  const results: HaltingResult[] = [];
  let next = 0;
  const work = async () => {
    const worker = new Worker(WORKER, { execArgv: ['--disable-warning=ExperimentalWarning'] });
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
      worker.postMessage(job);
      const [result] = await once(worker, 'message');
      results.push(result as HaltingResult);
      if (results.length % 10 === 0)
        progress(`releases simulated: ${results.length} of ${jobs.length} parts`);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}

function brickFigures(rate: number, results: readonly HaltingResult[]): Figure[] {
  const of = `${percent(rate)} brick`;
  const ours = results.flatMap(({ bricked }) => bricked);
  const rules = (results[0]?.rules ?? []).map(({ name }, at) => ({
    name,
    atOnce: results.flatMap(({ rules: all }) => all[at]?.atOnce ?? []),
    late: results.flatMap(({ rules: all }) => all[at]?.late ?? []),
  }));
  return [
    meanFigure(of, 'Evenkeel, mean', ours),
    { of, name: 'Evenkeel, 95 % quantile', unit: 'bricks', ...spreadOf([quantile(ours, 0.95)]) },
    ...rules.flatMap(({ name, atOnce, late }) => [
      meanFigure(of, `${name}, heard late, mean`, late),
      meanFigure(of, `${name}, heard at once, mean`, atOnce),
    ]),
  ];
}

/** The mean with its 95 % interval. */
function meanFigure(of: string, name: string, bricked: readonly number[]): Figure {
  const mean = bricked.reduce((sum, count) => sum + count, 0) / bricked.length;
  const variance = bricked.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (bricked.length - 1);
  const margin = Z * Math.sqrt(variance / bricked.length);
  return { of, name, unit: 'bricks', median: mean, least: mean - margin, most: mean + margin };
}

function healthyFigures(rate: number, results: readonly HaltingResult[]): Figure[] {
  const runs = results.reduce((sum, { bricked }) => sum + bricked.length, 0);
  const halted = results.reduce((sum, one) => sum + one.halted, 0);
  const { least, most } = shareInterval(halted, runs);
  const figures = { median: (100 * halted) / runs, least: 100 * least, most: 100 * most };
  const note = `${halted} of ${runs} runs over the whole fleet; share with its exact 95 % interval`;
  return [{ name: `healthy, ${percent(rate)} dark: false halts`, unit: '%', ...figures, note }];
}

const percent = (rate: number): string => `${Number((rate * 100).toPrecision(2))} %`;
