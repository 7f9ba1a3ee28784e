import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathOf } from '#device/program-options.ts';
import { exitCodeOf, failureText } from '#shared/program/failure-text.ts';
import { parseOptions } from '#shared/program/parse-options.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { runDemo } from './demo.ts';
import { Stage } from './stage.ts';

const HELP = `npm run demo [-- FIRMWARE] [--devices N] [--keep]

Starts Evenkeel on free ports with a fresh data directory, connects simulated devices over MQTT with TLS, rolls a good
firmware out in stages, then one on which half the devices brick silently, and shows that rollout stop by itself.

  FIRMWARE      a firmware file to roll out; without it one of 20 MB is made on the spot
  --devices N   how many devices, 50 to 1000 (200)
  --keep        keep the data directory and say where it is

Times are scaled down from minutes to seconds, the method is not. Ends with 0 when every promise was kept, with 2 when the command line is wrong, else
with 1.
`;

/** `npm run demo`: the whole story on a demo fleet, then ends. */
async function main(): Promise<void> {
  const { values, positionals } = parseOptions({
    allowPositionals: true,
    options: {
      devices: { type: 'string', default: '200' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const devices = Number(values.devices);
  if (!Number.isInteger(devices) || devices < 50 || devices > 1000 || positionals.length > 1) {
    process.stderr.write(`evenkeel: cannot run the demo like that\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  const [firmware] = positionals;
  if (firmware !== undefined) await pathOf('FIRMWARE', firmware);
  const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-demo-'));
  const stage = new Stage(process.stdout, realWorld);
  try {
    const kept = await runDemo({ directory, devices, firmware, stage, world: realWorld });
    process.exitCode = kept ? 0 : 1;
  } catch (error) {
    stage.say(
      `\nthe demo broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    process.exitCode = 1;
  } finally {
    if (values.keep) stage.say(`data kept in ${directory}`);
    else await rm(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(failureText('evenkeel', error));
  process.exitCode = exitCodeOf(error);
});
