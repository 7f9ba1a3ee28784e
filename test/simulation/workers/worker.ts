import { enableCompileCache } from 'node:module';
import { provideNextModules } from '../beside/next-modules.ts';
import type { Kept } from '../faults/witness.ts';
import { breakProduct } from '../mutants/break-product.ts';
import { mutantNamed } from '../mutants/mutants.ts';
import { simulateGlobals, useWorld } from '../world/simulated-globals.ts';
import type { Product, Report, Task } from './messages.ts';

/** A process that lives histories through, one after the other, as it is told. Its argument says what product it loads. */
const { mutant, beside, alwaysDeploys = false }: Product = JSON.parse(process.argv[2] ?? '{}');
// Half of the start of a process is compiling what has not changed.
enableCompileCache('node_modules/.cache/simulation');
const broken = mutant === undefined ? undefined : mutantNamed(mutant);
const isNextBroken = broken?.version === 'next';
if (broken !== undefined && !isNextBroken) breakProduct(broken.edits);
if (beside === undefined) provideNextModules(isNextBroken ? broken.edits : []);
// Nobody reads log lines here, for which each instance of a function would make a console of its own; and a plain object is read
// faster than the environment of the process.
process.env = {
  ...process.env,
  POWERTOOLS_METRICS_DISABLED: 'true',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_DEV: 'true',
};
simulateGlobals();

// Loaded only now: a module keeps the globals that it found, and the broken place must be broken before it is loaded.
const { loadServices } = await import('../host/loaded-services.ts');
const { FAULTS } = await import('../faults/all.ts');
const { versionsSideBySide } = await import('../faults/deployment.ts');
const { witness } = await import('../faults/witness.ts');
const { runHistory } = await import('../run/history.ts');
const { ratesOf } = await import('../run/rates.ts');
const { scenarioOf } = await import('../run/scenario.ts');

const loaded = await loadServices(beside);
let unhandled: unknown;
// What nobody handles ends a real host.
process.on('unhandledRejection', (reason) => {
  unhandled ??= reason;
});

async function live({ seed, limits, without, withLines, withKept = false }: Task): Promise<Report> {
  unhandled = undefined;
  // Errors are many and stacks take their time; who wants the story gets them.
  Error.stackTraceLimit = withLines ? 10 : 0;
  const always = alwaysDeploys ? [versionsSideBySide.name] : [];
  const kept: Kept[] = [];
  // First, so that it is nearest to what it looks at.
  const around = withKept ? [witness((one) => kept.push(one)), ...FAULTS] : FAULTS;
  const rates = ratesOf(seed, around, { without, always: [...always, 'witness'] });
  const outcome = await runHistory(
    scenarioOf(seed, limits),
    { faults: around, rates, loaded },
    { useGlobals: useWorld, isTold: withLines },
  );
  const { violation = unhandled === undefined ? undefined : `unhandled: ${textOf(unhandled)}` } = outcome;
  return {
    seed,
    ...(violation !== undefined && { violation }),
    digest: outcome.digest,
    steps: outcome.steps,
    elapsedMs: outcome.elapsedMs,
    faults: Object.fromEntries(outcome.faults),
    looks: Object.fromEntries(outcome.looks),
    ...(withLines && { lines: outcome.lines }),
    ...(withKept && { kept }),
  };
}

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

process.on('message', (task: Task) => {
  live(task).then(
    (report) => process.send?.(report),
    (error: unknown) =>
      process.send?.({
        seed: task.seed,
        violation: `run: ${textOf(error)}`,
        digest: '',
        steps: 0,
        elapsedMs: 0,
        faults: {},
        looks: {},
      } satisfies Report),
  );
});
// Nobody waits for its reports any more.
process.on('disconnect', () => process.exit());
process.send?.('ready');
