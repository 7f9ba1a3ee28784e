import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { readKeys } from '#device/agent/io/read-keys.ts';
import { type AgentTiming, PROTOCOL_TIMING } from '#device/agent/settings.ts';
import { numberOf, oneOf } from '#device/program-options.ts';
import { exitCodeOf, failureText } from '#shared/program/failure-text.ts';
import { onStopSignal } from '#shared/program/on-stop-signal.ts';
import { parseOptions } from '#shared/program/parse-options.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { BEHAVIOUR_NAMES } from './behaviours.ts';
import { Fleet } from './fleet.ts';
import { readHostDirectory } from './host-directory.ts';
import { readMix } from './mix.ts';
import { progressLine } from './progress.ts';

const HELP = `Runs simulated devices against a backend on this machine, until stopped: real MQTT, TLS and downloads.

  npm run fleet -- --product cam --hardware cam-rev-b --keys cam.pub.pem --devices 200 [options]

  --data DIR          the data directory of the backend (./data)
  --state DIR         where devices have their keys, slots and states (DIR/fleet)
  --devices N         how many (10)
  --prefix TEXT       of their ids (device-)
  --product NAME      their product
  --hardware NAME     their hardware
  --keys FILE[,FILE]  the product's public signing keys (PEM): devices install nothing else
  --tags A,B          their tags when they are registered
  --from VERSION      what new devices run (1.0.0)
  --mix SHARES        how they behave (healthy=100), for example healthy=90,brick=10
  --mix-version V     only for that release; everybody is healthy otherwise
  --interval SECONDS  each checks once within that time (10)
  --time-scale X      a protocol minute lasts X minutes (0.02)
  --boot SECONDS      how long a boot takes (1)
  --json              a line of JSON for each event instead of the progress line
  --help              this text

Behaviours: ${BEHAVIOUR_NAMES.join(', ')}; fail:<reason> names the reason.
Exit codes: 0 stopped, 1 failed, 2 the options are wrong, or what they name.
`;

/** An answer within a batch window of the backend must never be void, however fast the demonstration runs. */
const LEAST_ANSWER_MS = 5_000;
/** Thousands of devices test themselves on one disk. */
const LEAST_SELF_TEST_MS = 60_000;
const FAILED = 1;
const PROGRESS_MS = 1_000;
/** Where nobody looks at a terminal, lines add up. */
const LINE_MS = 10_000;

async function main(): Promise<void> {
  const { values } = parseOptions({
    options: {
      data: { type: 'string', default: 'data' },
      state: { type: 'string' },
      devices: { type: 'string', default: '10' },
      prefix: { type: 'string', default: 'device-' },
      product: { type: 'string' },
      hardware: { type: 'string' },
      keys: { type: 'string' },
      tags: { type: 'string', default: '' },
      from: { type: 'string', default: '1.0.0' },
      mix: { type: 'string', default: 'healthy=100' },
      'mix-version': { type: 'string' },
      interval: { type: 'string', default: '10' },
      'time-scale': { type: 'string', default: '0.02' },
      boot: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const data = path.resolve(values.data);
  const directory = path.resolve(values.state ?? path.join(data, 'fleet'));
  const trustedKeysPem = await readKeys(oneOf('--keys', values.keys).split(','));
  const tags = values.tags.split(',').filter((tag) => tag !== '');
  const count = numberOf('--devices', values.devices, { least: 1, most: 5_000, whole: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const fleet = new Fleet({
    directory,
    trustedKeysPem,
    count,
    world: realWorld,
    backend: await readHostDirectory(data),
    prefix: values.prefix,
    product: oneOf('--product', values.product),
    hardware: oneOf('--hardware', values.hardware),
    factoryVersion: values.from,
    tagsOf: () => tags,
    behaviourOf: readMix(values.mix, values['mix-version']),
    bootMs: numberOf('--boot', values.boot, { least: 0, most: 3_600 }) * 1000,
    timing: scaledTiming(
      numberOf('--interval', values.interval, { least: 0.1, most: 604_800 }) * 1000,
      numberOf('--time-scale', values['time-scale'], { least: 0.000_1, most: 10 }),
    ),
    onFault: (deviceId, error) => process.stderr.write(`fleet: ${deviceId}: ${String(error)}\n`),
    ...(values.json && {
      onDeviceEvent: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
    }),
  });
  const progress = values.json
    ? undefined
    : setInterval(() => show(progressLine(fleet.devices, count)), PROGRESS_MS);
  const stop = async () => {
    clearInterval(progress);
    await fleet.stop();
    if (!values.json) process.stdout.write(`\n`);
    process.exit(0);
  };
  onStopSignal(realWorld, { stop: () => void stop().catch(fail), giveUp: () => process.exit(FAILED) });
  // Whoever read the output has gone: there is nobody left to run for.
  process.stdout.on('error', () => stop().catch(fail));
  await fleet.start();
}

/** The protocol's times, a minute of which lasts `scale` minutes. */
function scaledTiming(checkIntervalMs: number, scale: number): AgentTiming {
  return {
    checkIntervalMs,
    backoffUnitMs: PROTOCOL_TIMING.backoffUnitMs * scale,
    permitAnswerMs: Math.max(LEAST_ANSWER_MS, PROTOCOL_TIMING.permitAnswerMs * scale),
    rebootAckMs: Math.max(LEAST_ANSWER_MS, PROTOCOL_TIMING.rebootAckMs * scale),
    selfTestMs: Math.max(LEAST_SELF_TEST_MS, PROTOCOL_TIMING.selfTestMs * scale),
    retryAfterSecondMs: PROTOCOL_TIMING.retryAfterSecondMs * scale,
    leastRetryMs: Math.min(checkIntervalMs, PROTOCOL_TIMING.leastRetryMs),
  };
}

let told = '';
let toldAtMs = Number.NEGATIVE_INFINITY;

/** Redraws one line on a terminal; elsewhere each change is a line of its own, at most one in ten seconds. */
function show(line: string): void {
  if (process.stdout.isTTY) {
    process.stdout.write(`\r\u001b[2K${line}`);
    return;
  }
  const nowMs = realWorld.monotonicMs();
  if (line === told || nowMs - toldAtMs < LINE_MS) return;
  told = line;
  toldAtMs = nowMs;
  process.stdout.write(`${line}\n`);
}

function fail(error: unknown): never {
  process.stderr.write(failureText('fleet', error));
  process.exit(exitCodeOf(error));
}

main().catch(fail);
