import { spawnSync } from 'node:child_process';

/** Seeds that every test run lives through; the long run takes as many as it is told (docs/reliability.md). */
const SEEDS = 500;

/**
 * `npm test`: every check in the order in which a fault is cheapest to find. Ends with the first that fails, so that its
 * lines are the last on the screen. Arguments go to jest, and only what they ask for runs after lint and types
 * (`npm test -- services/telemetry-ingest`).
 */
const asked = process.argv.slice(2);
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];
// Patterns take all words that follow: what was asked for comes after an option that takes one alone.
const tests = [...jest, '--testPathIgnorePatterns=/node_modules/'];
// Two suites at a time: with more, those that keep time with real processes get too little of it.
const WORKERS = '--maxWorkers=2';

interface Step {
  readonly name: string;
  readonly args: readonly string[];
}
const everything: readonly Step[] = [
  {
    name: `simulation of ${SEEDS} seeds`,
    args: ['--disable-warning=ExperimentalWarning', 'test/simulation/main.ts', '--seeds', String(SEEDS)],
  },
  // The flow on AWS runs alone, afterwards: it keeps time with real queues, and both cores busy.
  { name: 'tests', args: [...tests, '--testPathIgnorePatterns=/test/aws/', WORKERS] },
  { name: 'the flow on AWS', args: [...jest, 'test/aws'] },
];
const steps: readonly Step[] = [
  {
    name: 'format and lint',
    args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  },
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '-p', '.'] },
  ...(asked.length === 0 ? everything : [{ name: 'tests', args: [...tests, WORKERS, ...asked] }]),
];

for (const { name, args } of steps) {
  const startedMs = performance.now();
  process.stderr.write(`evenkeel: ${name} ...\n`);
  const { status, error } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (status !== 0) {
    process.stderr.write(`evenkeel: ${name} failed after ${seconds} s\n`);
    process.exit(1);
  }
  process.stderr.write(`evenkeel: ${name} passed in ${seconds} s\n`);
}
