import { Pool } from '../workers/pool.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS, mutantNamed } from './mutants.ts';

/** The seed that caught a mutant, and how. */
interface Caught {
  readonly seed: string;
  readonly violation: string;
}

/** Runs every mutant (or those named), `jobs` at once, until it is caught; `true` when each was, within so many seeds. */
export async function proveMutants(names: readonly string[], jobs: number, within: number): Promise<boolean> {
  const waiting = names.length === 0 ? [...MUTANTS] : names.map(mutantNamed);
  const all = waiting.length;
  const survivors: Mutant[] = [];
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const startedMs = performance.now();
      const caught = await seedThatCatches(mutant, within);
      tell(mutant, caught, within, (performance.now() - startedMs) / 1000);
      if (caught === undefined) survivors.push(mutant);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  process.stdout.write(`${all - survivors.length} of ${all} mutants were caught\n`);
  for (const { name, what } of survivors) process.stdout.write(`SURVIVOR ${name}: ${what}\n`);
  return survivors.length === 0;
}

function tell({ name, breaks }: Mutant, caught: Caught | undefined, within: number, seconds: number): void {
  const how =
    caught === undefined
      ? `SURVIVED ${within} seeds`
      : `caught by seed ${caught.seed}: ${caught.violation.split('\n')[0]}`;
  const time = seconds.toFixed(1).padStart(5);
  process.stdout.write(`${name.padEnd(27)} breaks ${String(breaks).padStart(2)}  ${time} s  ${how}\n`);
}

/** The first seed that does not hold against the mutant. */
async function seedThatCatches(mutant: Mutant, within: number): Promise<Caught | undefined> {
  const pool = new Pool(1, mutant.name);
  try {
    for (let seed = 1; seed <= within; seed += 1) {
      const { violation } = await pool.one({ seed: String(seed), limits: {}, without: [], withLines: false });
      if (violation !== undefined) return { seed: String(seed), violation };
    }
    return undefined;
  } finally {
    pool.close();
  }
}
