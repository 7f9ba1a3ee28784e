import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { isAbsent } from '#shared/program/error-code.ts';
import { FAULTS } from './faults/all.ts';
import { INVARIANTS } from './model/invariants/all.ts';
import { SHOWN } from './run/read-back.ts';
import type { Product, Report } from './workers/messages.ts';
import { Pool } from './workers/pool.ts';

/** Every fault fires in at least this share of the seeds; told, and demanded, once there are enough of them. */
const LEAST_FIRED = 0.01;
const ENOUGH_SEEDS = 300;
const PROGRESS_EVERY_MS = 2_000;

/** How far a run has come: plain data, kept in a file so that it can be gone on with. */
interface Progress {
  readonly from: number;
  /** All seeds below have been lived through. */
  next: number;
  readonly failures: { readonly seed: string; readonly violation: string }[];
  steps: number;
  simulatedHours: number;
  /** In how many seeds each fault has happened. */
  readonly faults: Record<string, number>;
  /** How often each invariant had something to look at. */
  readonly looks: Record<string, number>;
}

/** Lives `count` seeds through, from `from` on; `true` when none failed and every fault has fired. */
export async function proveSeeds(options: {
  readonly from: number;
  readonly count: number;
  readonly jobs: number;
  readonly stateFile?: string;
  readonly product: Product;
  /** What the command must say to have that product. */
  readonly productOptions: string;
}): Promise<boolean> {
  const { from, count, jobs, stateFile, product, productOptions } = options;
  const progress = readProgress(stateFile, from);
  // Taken in their order, so that what is kept is true of all seeds below `next` and of no other.
  const ahead = new Map<number, Report>();
  let begun = progress.next;
  const startedMs = performance.now();
  const pool = new Pool(Math.min(jobs, count), product);
  const timer = setInterval(
    () => tellProgress(progress, from + count, ahead.size, startedMs),
    PROGRESS_EVERY_MS,
  );
  try {
    await pool.run(
      () =>
        begun >= from + count
          ? undefined
          : { seed: String(begun++), limits: {}, without: [], withLines: false },
      (report) => {
        tellFailure(report);
        ahead.set(Number(report.seed), report);
        for (let next = ahead.get(progress.next); next !== undefined; next = ahead.get(progress.next)) {
          ahead.delete(progress.next);
          take(progress, next);
          if (stateFile !== undefined) save(stateFile, progress);
        }
        return false;
      },
    );
  } finally {
    clearInterval(timer);
    pool.close();
  }
  return tellResult(progress, (performance.now() - startedMs) / 1000, productOptions);
}

function tellFailure({ seed, violation }: Report): void {
  if (violation !== undefined) process.stderr.write(`\nseed ${seed} failed: ${violation.split('\n')[0]}\n`);
}

function take(progress: Progress, { seed, violation, steps, elapsedMs, faults, looks }: Report): void {
  progress.next += 1;
  if (violation !== undefined) progress.failures.push({ seed, violation });
  progress.steps += steps;
  progress.simulatedHours += elapsedMs / 3_600_000;
  for (const [name, times] of Object.entries(faults))
    if (times > 0) progress.faults[name] = (progress.faults[name] ?? 0) + 1;
  for (const [name, times] of Object.entries(looks))
    progress.looks[name] = (progress.looks[name] ?? 0) + times;
}

function tellProgress(
  { next, from, failures }: Progress,
  end: number,
  ahead: number,
  startedMs: number,
): void {
  const seconds = (performance.now() - startedMs) / 1000;
  const line = `${next - from + ahead} of ${end - from} seeds, ${failures.length} failed, ${seconds.toFixed(0)} s`;
  process.stderr.write(process.stderr.isTTY ? `\r${line} ` : `${line}\n`);
}

function tellResult(progress: Progress, seconds: number, productOptions: string): boolean {
  const { from, next, failures, steps, simulatedHours } = progress;
  const seeds = next - from;
  const least = Math.ceil(seeds * LEAST_FIRED);
  const rows = FAULTS.map(({ name, what }) => ({ name, what, fired: progress.faults[name] ?? 0 }));
  const rare = seeds >= ENOUGH_SEEDS ? rows.filter(({ fired }) => fired < least) : [];
  const lines = [
    `${seeds} seeds in ${seconds.toFixed(1)} s: ${steps} instants, ${simulatedHours.toFixed(0)} simulated hours, ${failures.length} failed`,
    '',
    'fault                    in % of seeds',
    ...rows.map(
      ({ name, what, fired }) =>
        `${name.padEnd(24)} ${((100 * fired) / seeds).toFixed(1).padStart(6)}  ${what}`,
    ),
    '',
    'invariant   looks',
    ...INVARIANTS.map(
      ({ number, rule }) =>
        `${String(number).padStart(9)} ${String(progress.looks[number] ?? 0).padStart(9)}  ${rule}`,
    ),
    `       17 ${String(progress.looks[17] ?? 0).padStart(9)}  why equals the decision`,
    `${String(SHOWN.number).padStart(9)} ${String(progress.looks[SHOWN.number] ?? 0).padStart(9)}  ${SHOWN.rule}`,
    '',
    ...failures.map(
      ({ seed, violation }) =>
        `FAILED seed ${seed}: ${violation.split('\n')[0]}\n  npm run simulate -- --seed ${seed}${productOptions}`,
    ),
    ...rare.map(
      ({ name, fired }) => `RARE fault ${name}: fired in ${fired} seeds, at least ${least} are demanded`,
    ),
  ];
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return failures.length === 0 && rare.length === 0;
}

function readProgress(stateFile: string | undefined, from: number): Progress {
  const fresh = { from, next: from, failures: [], steps: 0, simulatedHours: 0, faults: {}, looks: {} };
  if (stateFile === undefined) return fresh;
  let kept: Progress;
  try {
    kept = JSON.parse(readFileSync(stateFile, 'utf8'));
  } catch (error) {
    if (isAbsent(error)) return fresh;
    throw new ConfigurationError(`${stateFile} cannot be read: ${String(error)}`);
  }
  if (kept.from !== from)
    throw new ConfigurationError(`${stateFile} is of a run from seed ${kept.from}, not ${from}`);
  process.stderr.write(`going on from seed ${kept.next}\n`);
  return kept;
}

/** Whole or not at all: a run may be ended at any moment. */
function save(stateFile: string, progress: Progress): void {
  writeFileSync(`${stateFile}.new`, JSON.stringify(progress));
  renameSync(`${stateFile}.new`, stateFile);
}
