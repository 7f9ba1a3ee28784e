import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text as textOf } from 'node:stream/consumers';
import { spreadOf } from '../measure/quantiles.ts';
import type { FleetFigures } from '../million/fleet-figures.ts';
import type { BenchRun, Figure } from './bench-run.ts';

const MAIN = path.resolve(import.meta.dirname, '../million/main.ts');
const MB = 1024 * 1024;
/** A larger fleet runs once: its windows tell the spread. */
const REPEATED_UP_TO = 100_000;

/** The part of the bench that measures a fleet of that size. */
export const fleetPart = (devices: number): string => `million ${devices.toLocaleString('en')}`;

/** A whole staged rollout to a fleet of one size, and what decisions about that fleet cost. */
export async function benchFleet(run: BenchRun, devices: number): Promise<Figure[]> {
  const runs: FleetFigures[] = [];
  const wanted = devices > REPEATED_UP_TO ? 1 : run.runs;
  for (let time = 1; time <= wanted; time += 1) {
    run.progress(`a rollout to ${devices} devices, run ${time} of ${wanted}`);
    runs.push(await oneFleet(run, devices));
  }
  return figuresOf(devices, runs);
}

/** Runs one fleet in a process of its own, so that memory and heat of one run are not those of another. */
async function oneFleet(run: BenchRun, devices: number): Promise<FleetFigures> {
  const directory = await mkdtemp(path.join(run.parent, 'evenkeel-fleet-'));
  try {
    const { profileDirectory } = run.watched;
    const profiling = profileDirectory
      ? ['--cpu-prof', '--cpu-prof-dir', path.resolve(profileDirectory)]
      : [];
    const args = ['--disable-warning=ExperimentalWarning', ...profiling, MAIN];
    const child = spawn(process.execPath, [...args, '--devices', String(devices), '--data', directory], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = () => void child.kill();
    process.once('exit', end);
    const ended = once(child, 'exit');
    createInterface({ input: child.stderr }).on('line', run.progress);
    const answer = await textOf(child.stdout);
    const [code] = await ended;
    process.off('exit', end);
    if (code !== 0) throw new Error(`a rollout to ${devices} devices ended with ${code}`);
    return JSON.parse(answer) as FleetFigures;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function figuresOf(devices: number, runs: readonly FleetFigures[]): Figure[] {
  const of = (pick: (one: FleetFigures) => number) => spreadOf(runs.map(pick));
  const perSecond = runs.flatMap(({ windows, sent, devices: all }) =>
    windows.map((window) => (window.devices * operationsOf(sent) * 1000) / all / window.wallMs),
  );
  const [one] = runs;
  return [
    { name: 'whole rollout', unit: 's', ...of(({ wallMs }) => wallMs / 1000) },
    { name: 'CPU of it, all threads', unit: 's', ...of(({ cpuMs }) => cpuMs / 1000) },
    { name: 'time for one device', unit: 'µs', ...of(({ wallMs }) => (wallMs * 1000) / devices) },
    { name: 'messages of devices', unit: '', ...of(({ sent }) => operationsOf(sent)) },
    {
      name: 'permits asked for by one device',
      unit: '',
      ...of(({ sent }) => sent.permits / devices),
    },
    {
      name: 'messages a second',
      unit: '/s',
      ...spreadOf(perSecond),
      note: 'windows of a tenth of the fleet',
    },
    { name: 'in the field', unit: 'h', ...of(({ fieldMs }) => fieldMs / 3_600_000) },
    { name: 'peak of resident memory', unit: 'MB', ...of((all) => all.peakResidentBytes / MB) },
    { name: 'database', unit: 'MB', ...of(({ databaseBytes }) => databaseBytes / MB) },
    {
      name: 'on disk with the raw report log',
      unit: 'MB',
      ...of(({ diskBytes }) => diskBytes / MB),
    },
    { name: 'set-up', unit: 's', ...of(({ setUpMs }) => setUpMs / 1000), note: 'not part of it' },
    ...(one?.control ?? []).flatMap(({ decision }, at): Figure[] => [
      {
        name: `${decision}, items written`,
        unit: '',
        ...of((all) => all.control[at]?.writes ?? NaN),
      },
      { name: decision, unit: 'ms', ...of((all) => all.control[at]?.ms ?? NaN) },
    ]),
  ];
}

const operationsOf = ({ checks, permits, reports, proofs }: FleetFigures['sent']): number =>
  checks + permits + reports + proofs;
