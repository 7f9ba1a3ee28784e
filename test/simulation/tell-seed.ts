import { shrink } from './shrink/shrink.ts';
import type { Task } from './workers/messages.ts';
import { Pool } from './workers/pool.ts';

/**
 * Lives one seed through and tells its story, made as small as it goes where it fails; `true` when it did not fail. `mutant` names a
 * broken build that lives it instead of the product.
 */
export async function tellSeed(task: Task, isAsIs: boolean, mutant?: string): Promise<boolean> {
  const pool = new Pool(1, mutant);
  try {
    let told = task;
    let report = await pool.one(task);
    if (report.violation !== undefined && !isAsIs) {
      told = await shrink(
        task,
        report.violation,
        (smaller) => pool.one(smaller),
        (line) => process.stderr.write(`${line}\n`),
      );
      report = await pool.one(told);
    }
    const { lines = [], violation, digest, steps } = report;
    process.stdout.write(`${lines.join('\n')}\n\n${steps} instants, log ${digest}\n`);
    if (violation === undefined) process.stdout.write(`seed ${task.seed}: all invariants held\n`);
    else process.stdout.write(`seed ${task.seed} failed: ${violation}\n  ${commandOf(told, mutant)}\n`);
    return violation === undefined;
  } finally {
    pool.close();
  }
}

/** The command that replays this very history. */
function commandOf({ seed, limits, without }: Task, mutant: string | undefined): string {
  const { devices, unkindMinutes, rollouts } = limits;
  const options = [
    devices === undefined ? '' : ` --devices ${devices}`,
    unkindMinutes === undefined ? '' : ` --minutes ${unkindMinutes}`,
    rollouts === undefined ? '' : ` --rollouts ${rollouts}`,
    without.length === 0 ? '' : ` --without ${without.join(',')}`,
    mutant === undefined ? '' : ` --mutant ${mutant}`,
  ];
  return `npm run simulate -- --seed ${seed} --as-is${options.join('')}`;
}
