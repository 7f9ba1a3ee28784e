import { Pool } from '../workers/pool.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS, mutantNamed } from './mutants.ts';

/** Runs every mutant (or those named) until it is caught; `true` when each was, within so many seeds. */
export async function proveMutants(names: readonly string[], jobs: number, within: number): Promise<boolean> {
  const mutants = names.length === 0 ? MUTANTS : names.map(mutantNamed);
  const survivors: Mutant[] = [];
  for (const mutant of mutants) {
    const startedMs = performance.now();
    const caught = await seedThatCatches(mutant, jobs, within);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    const how =
      caught === undefined
        ? `SURVIVED ${within} seeds`
        : `caught by seed ${caught.seed}: ${caught.violation.split('\n')[0]}`;
    process.stdout.write(
      `${mutant.name.padEnd(28)} breaks ${String(mutant.breaks).padStart(2)}  ${seconds.padStart(5)} s  ${how}\n`,
    );
    if (caught === undefined) survivors.push(mutant);
  }
  process.stdout.write(`${mutants.length - survivors.length} of ${mutants.length} mutants were caught\n`);
  for (const { name, what, file } of survivors) process.stdout.write(`SURVIVOR ${name}: ${what} (${file})\n`);
  return survivors.length === 0;
}

async function seedThatCatches(mutant: Mutant, jobs: number, within: number) {
  const pool = new Pool(jobs, mutant.name);
  let seed = 1;
  let caught: { readonly seed: string; readonly violation: string } | undefined;
  try {
    await pool.run(
      () => (seed > within ? undefined : { seed: String(seed++), limits: {}, without: [], withLines: false }),
      ({ seed: by, violation }) => {
        if (violation !== undefined && (caught === undefined || Number(by) < Number(caught.seed)))
          caught = { seed: by, violation };
        return violation !== undefined;
      },
    );
  } finally {
    pool.close();
  }
  return caught;
}
