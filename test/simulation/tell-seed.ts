import { shrink } from './shrink/shrink.ts';
import type { Product, Task } from './workers/messages.ts';
import { Pool } from './workers/pool.ts';

/**
 * Lives one seed through and tells its story, made as small as it goes where it fails; `true` when it did not fail. `options` are those of
 * the command that choose the product.
 */
export async function tellSeed(
  task: Task,
  isAsIs: boolean,
  product: Product,
  options: string,
): Promise<boolean> {
  const pool = new Pool(1, product);
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
    else process.stdout.write(`seed ${task.seed} failed: ${violation}\n  ${commandOf(told)}${options}\n`);
    return violation === undefined;
  } finally {
    pool.close();
  }
}

/** The command that replays this very history. */
function commandOf({ seed, limits, without }: Task): string {
  const { devices, unkindMinutes, rollouts } = limits;
  const options = [
    devices === undefined ? '' : ` --devices ${devices}`,
    unkindMinutes === undefined ? '' : ` --minutes ${unkindMinutes}`,
    rollouts === undefined ? '' : ` --rollouts ${rollouts}`,
    without.length === 0 ? '' : ` --without ${without.join(',')}`,
  ];
  return `npm run simulate -- --seed ${seed} --as-is${options.join('')}`;
}
