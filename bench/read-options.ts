import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { BenchRun } from './sections/bench-run.ts';
import { SECTIONS } from './sections/parts.ts';

/** What `npm run bench -- --help` says. */
export const HELP = `Measures Evenkeel on this machine. Linux only; all sections take about half an hour, each tells what it is doing.

  npm run bench -- [options]

  --only LIST       some of these sections (all):
                      baseline  what the machine itself can do: commits, reads, empty calls
                      start     start and memory of the host, by itself and with devices
                      checks    update checks over real MQTT with TLS, from a second process
                      permits   permits and reports over real MQTT with TLS
                      connections  devices connect until the host takes no more; then some leave and come back
                      million   a staged rollout through all functions and the store on disk, without sockets, on the clock
                                of the field; then a launch, a stage and a halt: at each size of --fleet
                      bricks    bricks before halt and false halts, a million simulated devices in each run, beside the
                                threshold rules of other systems
                      bundles   cold start of every function's bundle, as packaged for AWS
                      cost      AWS list price of an update and of an idle check, by the meter, and the hottest key
  --releases N      simulated releases at each true rate of bricks (400)
  --fleet LIST      sizes of fleet in the section million, each a part by itself (10000,100000,1000000)
  --runs N          runs of each size of fleet up to 100,000; a larger one runs once, in ten windows (3)
  --seconds N       length of one window (5)
  --windows N       windows for one figure, the quietest of up to four times as many: others may use a quarter of a core;
                    medians and their spread are told (5)
  --devices N       devices that check, each with its own certificate and connection (500)
  --burst N         devices that ask for permits and report at once, and that are idle (2000)
  --in-flight N     checks that wait for their answer at the same time, at saturation (64)
  --connections N   devices that connect in the section connections, or as many as the host takes and a few more,
                    whichever is less (20000)
  --registered N    devices in the large data set that a start is measured on; 0: none (10000)
  --data DIR        where data directories are made, and removed again (${tmpdir()})
  --profile DIR     the processes that are measured write their CPU profiles there; figures are worse then
  --stalls FILE     in the section checks: the host writes there, every second, what has held it up: how late its event loop
                    was, garbage collected, the longest flush; and the figures tell it
  --document        each part that was measured replaces its own figures in bench/document/measured.json (machine, commit, Node and
                    day with them), and docs/performance.md is written anew from that file: its tables and the verdicts on all
                    bars. Prose there is written by hand. Only of a commit, with nothing watched, best with nothing else
                    running: what others used is told. Cost has a page of its own: npm run cost
  --json FILE       also writes machine, commit, figures and durations to that file as JSON
  --help            this text
`;

/** What the command line asks for. */
export interface BenchOptions {
  readonly help: boolean;
  /** Names of sections, all of them known. */
  readonly sections: readonly string[];
  readonly run: BenchRun;
  readonly document: boolean;
  readonly jsonFile?: string;
  /** The options that decide what comes out, as they were given: ` --fleet 10000 --runs 1`; empty where none was. */
  readonly given: string;
}

/** Say where, what and for whom, but change no figure. */
const CHANGE_NOTHING: readonly string[] = ['only', 'data', 'document', 'json', 'help'];

/** Reads the command line. Throws `ConfigurationError` that names the option at fault. */
export function readOptions(): BenchOptions {
  const { values, tokens } = parseArgs({
    tokens: true,
    options: {
      only: { type: 'string', default: Object.keys(SECTIONS).join(',') },
      seconds: { type: 'string', default: '5' },
      windows: { type: 'string', default: '5' },
      devices: { type: 'string', default: '500' },
      burst: { type: 'string', default: '2000' },
      'in-flight': { type: 'string', default: '64' },
      connections: { type: 'string', default: '20000' },
      registered: { type: 'string', default: '10000' },
      data: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
      stalls: { type: 'string' },
      fleet: { type: 'string', default: '10000,100000,1000000' },
      runs: { type: 'string', default: '3' },
      releases: { type: 'string', default: '400' },
      document: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const run: BenchRun = {
    parent: values.data,
    devices: numberOf('--devices', values.devices, 1, 10_000),
    // The first window of a rollout holds at most 10,000, and the warm-up takes part of it.
    burst: numberOf('--burst', values.burst, LEAST_BURST, 5_000),
    inFlight: numberOf('--in-flight', values['in-flight'], 1, 10_000),
    connections: numberOf('--connections', values.connections, 100, 200_000),
    windows: {
      seconds: numberOf('--seconds', values.seconds, 1, 600),
      count: numberOf('--windows', values.windows, 1, 100),
      warmUpSeconds: 3,
    },
    registered: numberOf('--registered', values.registered, 0, 100_000),
    fleets: values.fleet.split(',').map((size) => numberOf('--fleet', size, 1_000, 5_000_000)),
    runs: numberOf('--runs', values.runs, 1, 20),
    releases: numberOf('--releases', values.releases, 2, 100_000),
    watched: {
      ...(values.profile !== undefined && { profileDirectory: values.profile }),
      ...(values.stalls !== undefined && { stallsFile: values.stalls }),
    },
    progress: (text) => void process.stderr.write(`bench: ${text}\n`),
  };
  const sections = values.only.split(',');
  const unknown = sections.find((name) => SECTIONS[name] === undefined);
  if (unknown !== undefined)
    throw new ConfigurationError(
      `--only must be some of ${Object.keys(SECTIONS).join(', ')}, not ${unknown}`,
    );
  const given = tokens.flatMap((token) =>
    token.kind === 'option' && !CHANGE_NOTHING.includes(token.name)
      ? [` --${token.name}${token.value === undefined ? '' : ` ${token.value}`}`]
      : [],
  );
  return {
    help: values.help,
    sections,
    run,
    document: values.document,
    ...(values.json !== undefined && { jsonFile: values.json }),
    given: given.join(''),
  };
}

/** So many are needed for those who ask alone. */
const LEAST_BURST = 10;

function numberOf(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d{1,7}$/.test(text) && number >= least && number <= most) return number;
  throw new ConfigurationError(`${option} must be a whole number from ${least} to ${most}`);
}
