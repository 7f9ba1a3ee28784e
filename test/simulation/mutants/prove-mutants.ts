import type { Report } from '../workers/messages.ts';
import { Pool } from '../workers/pool.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS, mutantNamed } from './mutants.ts';

/** Somebody who waits for a mutant hears of it now and then. */
const TELL_EVERY_SEEDS = 50;

/** The seed that caught a mutant, and how. */
interface Caught {
  readonly seed: string;
  readonly violation: string;
}

/**
 * Runs every mutant (or those named), `jobs` at once, until a seed catches it that the product itself passes; `true` when each was
 * caught within so many seeds from `from` on.
 */
export async function proveMutants(
  names: readonly string[],
  { jobs, within, from }: { readonly jobs: number; readonly within: number; readonly from: number },
): Promise<boolean> {
  const waiting = names.length === 0 ? [...MUTANTS] : names.map(mutantNamed);
  const all = waiting.length;
  const survivors: Mutant[] = [];
  const work = async (): Promise<void> => {
    const sound = new Pool(1);
    try {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        const startedMs = performance.now();
        const caught = await seedThatCatches(mutant, { from, within }, sound);
        tell(mutant, caught, within, (performance.now() - startedMs) / 1000);
        if (caught === undefined) survivors.push(mutant);
      }
    } finally {
      sound.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, all) }, work));
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

/** The first seed that does not hold against the mutant, and does against the product. */
async function seedThatCatches(
  mutant: Mutant,
  { from, within }: { readonly from: number; readonly within: number },
  sound: Pool,
): Promise<Caught | undefined> {
  const pool = new Pool(1, { mutant: mutant.name });
  try {
    for (let seed = from; seed < from + within; seed += 1) {
      const { violation } = await live(pool, seed);
      if (violation !== undefined && (await live(sound, seed)).violation === undefined)
        return { seed: String(seed), violation };
      const lived = seed - from + 1;
      if (lived % TELL_EVERY_SEEDS === 0)
        process.stderr.write(`${mutant.name}: not caught by ${lived} of ${within} seeds yet\n`);
    }
    return undefined;
  } finally {
    pool.close();
  }
}

const live = (pool: Pool, seed: number): Promise<Report> =>
  pool.one({ seed: String(seed), limits: {}, without: [], withLines: false });
