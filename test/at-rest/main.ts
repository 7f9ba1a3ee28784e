import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { numberOf } from '#device/program-options.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Kept } from '../simulation/faults/witness.ts';
import { commitSamples, committedSamples } from './committed.ts';
import { Gathering } from './gather.ts';
import type { Kind } from './kind.ts';
import { tokenLists } from './kinds/access.ts';
import { allKinds } from './kinds.ts';
import { live } from './live.ts';
import { misreadings } from './misreadings.ts';
import { meaningOf, type Sample } from './sample.ts';

const HELP = `Keeps a sample of each shape that rows, waiting messages, objects and the state of devices ever had, so that no version meets one
that it cannot read (docs/contracts.md). Adds samples of shapes that are new and takes none away. Ends with 1, and writes nothing, where a
sample is not read as it was any more.

  npm run at-rest

  --accept NAME   takes what samples of that kind mean today
  --seeds N       finds shapes in so many histories of the simulation (200)
  --jobs N        processes side by side (the cores there are)
  --help          this text
`;

/** Adds what is new to what is committed; what was accepted is committed as it is read today. */
async function commitAnew(kinds: readonly Kind[], seeds: readonly string[], jobs: number): Promise<void> {
  const found: Kept[] = await tokenLists();
  await live(seeds, jobs, (kept) => found.push(kept));
  const samples = new Map<Kind, Sample[]>();
  for (const kind of kinds) {
    const read = committedSamples(kind).map(async (sample) => ({
      ...sample,
      means: await meaningOf(kind, sample.what),
    }));
    samples.set(kind, await Promise.all(read));
  }
  const gathering = new Gathering(kinds);
  const since = new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
  for (const kept of found) {
    const look = await gathering.look(kept);
    if (look === undefined) continue;
    samples.get(look.kind)?.push({ since, ...look.sample });
    process.stdout.write(`${look.kind.name}: ${look.fresh.join(', ')}\n`);
  }
  for (const [kind, all] of samples) commitSamples(kind, all);
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      accept: { type: 'string', multiple: true, default: [] },
      seeds: { type: 'string', default: '200' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return true;
  }
  const whole = (most: number) => ({ least: 1, most, whole: true });
  const seeds = numberOf('--seeds', values.seeds, whole(100_000));
  const jobs = numberOf('--jobs', values.jobs, whole(64));
  const kinds = await allKinds();
  const unknown = values.accept.filter((name) => kinds.every((kind) => kind.name !== name));
  if (unknown.length > 0) throw new ConfigurationError(`there is no kind ${unknown.join(', ')}`);
  const wrong = [];
  for (const kind of kinds) if (!values.accept.includes(kind.name)) wrong.push(...(await misreadings(kind)));
  if (wrong.length > 0) {
    process.stderr.write(`${wrong.join('\n\n')}\n`);
    return false;
  }
  await commitAnew(
    kinds,
    Array.from({ length: seeds }, (_, at) => String(at + 1)),
    jobs,
  );
  return true;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof ConfigurationError) && !(error instanceof TypeError)) throw error;
  process.stderr.write(`evenkeel: ${error.message}\n`);
  process.exitCode = 2;
}
