import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { machineNow } from './measure/machine.ts';
import { printFigures } from './print/print-figures.ts';
import type { BenchRun, Figure } from './sections/bench-run.ts';
import { benchChecks } from './sections/checks.ts';
import { benchPermits } from './sections/permits.ts';
import { benchStart } from './sections/start.ts';

const HELP = `Measures the one-machine home: the host in a process of its own on a new data directory, and from this process
real devices over MQTT with TLS on loopback. Linux only; takes five to fifteen minutes.

  npm run bench -- [options]

  --only LIST       some of: start, checks, permits (all)
  --seconds N       length of one window (5)
  --windows N       windows for one figure, the quietest of up to four times as many: others may use a quarter of a core;
                    medians and their spread are told (5)
  --devices N       devices that check, each with its own certificate and connection (500)
  --burst N         devices that ask for permits and report at once, and that are idle (2000)
  --in-flight N     checks that wait for their answer at the same time, at saturation (64)
  --registered N    devices in the large data set that a start is measured on; 0: none (10000)
  --data DIR        where data directories are made, and removed again (${tmpdir()})
  --profile DIR     the host writes its CPU profiles there; figures are worse then
  --json            machine and figures as JSON
  --help            this text
`;

const SECTIONS: Readonly<Record<string, (run: BenchRun) => Promise<Figure[]>>> = {
  start: benchStart,
  checks: benchChecks,
  permits: benchPermits,
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: Object.keys(SECTIONS).join(',') },
      seconds: { type: 'string', default: '5' },
      windows: { type: 'string', default: '5' },
      devices: { type: 'string', default: '500' },
      burst: { type: 'string', default: '2000' },
      'in-flight': { type: 'string', default: '64' },
      registered: { type: 'string', default: '10000' },
      data: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const run: BenchRun = {
    parent: values.data,
    devices: numberOf('--devices', values.devices, 1, 10_000),
    // The first window of a rollout holds at most 10,000, and the warm-up takes part of it.
    burst: numberOf('--burst', values.burst, LEAST_BURST, 5_000),
    inFlight: numberOf('--in-flight', values['in-flight'], 1, 10_000),
    windows: {
      seconds: numberOf('--seconds', values.seconds, 1, 600),
      count: numberOf('--windows', values.windows, 1, 100),
      warmUpSeconds: 3,
    },
    registered: numberOf('--registered', values.registered, 0, 100_000),
    ...(values.profile !== undefined && { profileDirectory: values.profile }),
    progress: (text) => void process.stderr.write(`bench: ${text}\n`),
  };
  const chosen = values.only.split(',').map((name) => {
    const section = SECTIONS[name];
    if (section !== undefined) return section;
    throw new UsageError(`--only must be some of ${Object.keys(SECTIONS).join(', ')}, not ${name}`);
  });
  const machine = machineNow(run.parent);
  const figures: Figure[] = [];
  for (const section of chosen) figures.push(...(await section(run)));
  process.stdout.write(
    values.json ? `${JSON.stringify({ machine, figures }, undefined, 2)}\n` : printFigures(machine, figures),
  );
}

/** So many are needed for those who ask alone. */
const LEAST_BURST = 10;

class UsageError extends Error {}

function numberOf(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d{1,6}$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
main().catch((error: unknown) => {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  const text = error instanceof Error ? (isUsage ? error.message : error.stack) : String(error);
  process.stderr.write(`bench: ${text}\n`);
  process.exit(isUsage ? 2 : 1);
});
