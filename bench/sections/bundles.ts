import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageStacks } from '../../build/package-stacks.ts';
import { functionsIn, templateIn, unpackInto } from '../../build/packaged-functions.ts';
import { at, ofType, type Template } from '../../build/template.ts';
import { READY_WITHIN_MS } from '../document/bars.ts';
import { spreadOf } from '../measure/quantiles.ts';
import type { BenchRun, Figure } from './bench-run.ts';

const READY = path.resolve(import.meta.dirname, '../bundles/ready.cjs');
const EMPTY = path.resolve(import.meta.dirname, '../bundles/empty.cjs');
/** Starts of each bundle; the bar is on their median. */
const STARTS = 5;
const SLOWEST = 8;
const KB = 1024;
const REGION = 'eu-central-1';
/** What of Lambda's own variables decides how a function starts. */
const OF_LAMBDA = {
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
};
/** What a reference of the template stands for is known on AWS alone; that it is there, and a text, is all that loading needs. */
const REFERENCE = 'arn:aws:dummy:eu-central-1:123456789012:resource';

interface Bundle {
  readonly name: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Packages all stacks and starts every function's bundle as Lambda does, in a new process with its template's environment. */
export async function benchBundles(run: BenchRun): Promise<Figure[]> {
  const directory = await mkdtemp(path.join(run.parent, 'evenkeel-bundles-'));
  try {
    run.progress('packaging all stacks');
    const bundles = await packagedBundles(directory);
    const measured: Measured[] = [];
    for (const bundle of bundles) {
      measured.push(await measuredInPairs(bundle));
      if (measured.length % 10 === 0)
        run.progress(`bundles started: ${measured.length} of ${bundles.length}`);
    }
    return figuresOf(measured);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function packagedBundles(directory: string): Promise<Bundle[]> {
  const stacks = await packageStacks({ stage: 'bench', region: REGION, out: path.join(directory, 'stacks') });
  const fault = stacks.find(({ complaints }) => complaints.length > 0);
  if (fault !== undefined) throw new Error(`${fault.name} was not packaged: ${fault.complaints.join('\n')}`);
  const bundles: Bundle[] = [];
  for (const { name: stack, folder } of stacks) {
    const template = templateIn(folder);
    for (const packaged of functionsIn(folder)) {
      const { key, bundle } = packaged;
      const file = unpackInto(path.join(directory, stack), packaged);
      const environment = environmentOf(template, key);
      bundles.push({ name: `${stack}/${key}`, file, sizeBytes: bundle.length, environment });
    }
  }
  return bundles;
}

/** The variables that the template gives that function. Throws when it has no such function. */
function environmentOf(template: Template, key: string): Record<string, string> {
  const [, resource] =
    ofType(template.Resources, 'AWS::Lambda::Function').find(([, { Properties }]) =>
      String(Properties.FunctionName).endsWith(`-${key}`),
    ) ?? [];
  if (resource === undefined) throw new Error(`no function ${key} in the template`);
  const variables = at(resource.Properties, 'Environment', 'Variables') ?? {};
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? value : REFERENCE]),
  );
}

/** Milliseconds from the start of the process. */
interface Start {
  /** Until its handler is there. */
  readonly readyMs: number;
  /** Until a first call has its clients. */
  readonly boundMs: number;
}

async function start({ file, environment }: Pick<Bundle, 'file' | 'environment'>): Promise<Start> {
  const env = { ...environment, ...OF_LAMBDA, PATH: process.env.PATH };
  const { stdout } = await promisify(execFile)(process.execPath, [READY, file], { env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** Each start of a bundle with one of an empty handler before it: what else the machine does goes by within a minute. */
async function measuredInPairs(bundle: Bundle): Promise<Measured> {
  const starts: Start[] = [];
  const empty: Start[] = [];
  for (let pair = 0; pair < STARTS; pair += 1) {
    empty.push(await start({ file: EMPTY, environment: {} }));
    starts.push(await start(bundle));
  }
  return { bundle, starts, empty };
}

interface Measured {
  readonly bundle: Bundle;
  readonly starts: readonly Start[];
  /** Of an empty handler, at the same time. */
  readonly empty: readonly Start[];
}

const readyMsOf = (starts: readonly Start[]) => spreadOf(starts.map(({ readyMs }) => readyMs));
const boundMsOf = (starts: readonly Start[]) => spreadOf(starts.map(({ boundMs }) => boundMs));

function figuresOf(measured: readonly Measured[]): Figure[] {
  const medians = measured
    .map(({ bundle, starts }) => ({ bundle, spread: readyMsOf(starts) }))
    .sort((a, b) => b.spread.median - a.spread.median);
  const over = medians.filter(({ spread }) => spread.median > READY_WITHIN_MS).length;
  const all = spreadOf(medians.map(({ spread }) => spread.median));
  const sizes = spreadOf(measured.map(({ bundle }) => bundle.sizeBytes / KB));
  const empty = spreadOf(measured.map((one) => readyMsOf(one.empty).median));
  const times = spreadOf(
    measured.map(({ starts, empty: beside }) => readyMsOf(starts).median / readyMsOf(beside).median),
  );
  const bound = spreadOf(measured.map(({ starts }) => boundMsOf(starts).median));
  const note = `${measured.length} bundles, each the median of ${STARTS} starts`;
  return [
    { name: 'process start to handler ready', unit: 'ms', ...all, note },
    { name: `bundles above ${READY_WITHIN_MS} ms`, unit: '', ...spreadOf([over]) },
    {
      name: 'an empty handler',
      unit: 'ms',
      ...empty,
      note: 'what Node itself takes, start by start beside them',
    },
    { name: 'times an empty handler', unit: '', ...times },
    { name: 'until a first call has its clients', unit: 'ms', ...bound },
    { name: 'size of a bundle', unit: 'KB', ...sizes },
    ...medians.slice(0, SLOWEST).map(({ bundle, spread }) => ({
      name: `slowest: ${bundle.name}`,
      unit: 'ms',
      ...spread,
      note: `${Math.round(bundle.sizeBytes / KB)} KB`,
    })),
  ];
}
