import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { numberOf } from '#device/program-options.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { failureText, isUsageFault } from '#shared/program/failure-text.ts';
import { checkOut } from './beside/checked-out.ts';
import { mutantNamed } from './mutants/mutants.ts';
import { proveMutants } from './mutants/prove-mutants.ts';
import { proveSeeds } from './prove-seeds.ts';
import { tellSeed } from './tell-seed.ts';
import type { Product } from './workers/messages.ts';

const HELP = `Lives seeded histories of a whole fleet through: all functions, the host and the device agents, in memory, under virtual
time, with faults. Every instant is held against the invariants of the rollouts (docs/reliability.md).

  npm run simulate -- --seeds N          N seeds; ends non-zero with the seeds that failed
  npm run simulate -- --seed X           one seed, told as a story; a failure is made as small as it goes first
  npm run simulate -- --mutants [LIST]   broken builds of the product, each of which must be caught

  --beside VERSION  a deployment in every seed, with that version beside this one: a folder with a repository, what git
                    knows here (HEAD~20, a branch, a tag), or next, which takes part in a fifth of the seeds unless told
  --from N          first seed of --seeds and of --mutants (1)
  --jobs N          processes side by side (the cores there are)
  --state FILE      keeps how far --seeds has come; the same command goes on from there after it was ended
  --as-is           with --seed: do not make a failure smaller
  --devices N       with --seed: only so many devices
  --minutes N       with --seed: faults end after so many minutes
  --rollouts N      with --seed: only so many rollouts
  --without LIST    with --seed: without these faults
  --mutant NAME     with --seed: lived by that broken build
  --within N        with --mutants: each must be caught within so many seeds (1000)
  --help            this text
`;

const whole = (least: number, most: number) => ({ least, most, whole: true });

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      state: { type: 'string' },
      'as-is': { type: 'boolean', default: false },
      devices: { type: 'string' },
      minutes: { type: 'string' },
      rollouts: { type: 'string' },
      without: { type: 'string', default: '' },
      mutant: { type: 'string' },
      beside: { type: 'string' },
      within: { type: 'string', default: '1000' },
      help: { type: 'boolean', default: false },
    },
  });
  const jobs = numberOf('--jobs', values.jobs, whole(1, 64));
  const names = positionals.flatMap((one) => one.split(','));
  const from = numberOf('--from', values.from, whole(0, 1e9));
  if (values.mutants) {
    const within = numberOf('--within', values.within, whole(1, 1_000_000));
    return proveMutants(names, { jobs, within, from });
  }
  if (values.seed !== undefined) {
    const limit = (name: 'devices' | 'minutes' | 'rollouts', least: number) =>
      values[name] === undefined ? undefined : numberOf(`--${name}`, values[name], whole(least, 10_000));
    const [devices, unkindMinutes, rollouts] = [
      limit('devices', 1),
      limit('minutes', 0),
      limit('rollouts', 0),
    ];
    const limits = {
      ...(devices !== undefined && { devices }),
      ...(unkindMinutes !== undefined && { unkindMinutes }),
      ...(rollouts !== undefined && { rollouts }),
    };
    const without = values.without.split(',').filter((name) => name !== '');
    const mutant = values.mutant && mutantNamed(values.mutant).name;
    const task = { seed: values.seed, limits, without, withLines: true };
    return beside(values.beside, (product, options) =>
      tellSeed(
        task,
        values['as-is'],
        { ...product, ...(mutant && { mutant }) },
        mutant ? `${options} --mutant ${mutant}` : options,
      ),
    );
  }
  if (values.help || values.seeds === undefined) {
    process.stdout.write(HELP);
    return values.help;
  }
  const count = numberOf('--seeds', values.seeds, whole(1, 1e9));
  const state = values.state !== undefined && { stateFile: values.state };
  return beside(values.beside, (product, productOptions) =>
    proveSeeds({ from, count, jobs, product, productOptions, ...state }),
  );
}

/** Does that with a version beside this one, and removes it afterwards. */
async function beside(
  version: string | undefined,
  run: (product: Product, options: string) => Promise<boolean>,
): Promise<boolean> {
  if (version === undefined) return run({}, '');
  const options = ` --beside ${version}`;
  if (version === 'next') return run({ alwaysDeploys: true }, options);
  const { folder, remove } = checkOut(version);
  process.once('exit', remove);
  // Who ends the run ends it before its time, and leaves nothing behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  return run({ beside: folder, alwaysDeploys: true }, options);
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof ConfigurationError) && !(error instanceof TypeError)) throw error;
  process.stderr.write(isUsageFault(error) ? failureText('evenkeel', error) : `evenkeel: ${error.message}\n`);
  process.exitCode = 2;
}
