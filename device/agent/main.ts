import { mkdir } from 'node:fs/promises';
import { Agent as HttpsAgent } from 'node:https';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import { fileOf, nameOf, numberOf, oneOf, pathOf } from '#device/program-options.ts';
import { Hardware, ProductName, splitThing, Thing, VersionText } from '#shared/contracts/names.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import { DirectoryInUseError, DirectoryLock } from '#shared/program/directory-lock.ts';
import { exitCodeOf, failureText } from '#shared/program/failure-text.ts';
import { onStopSignal } from '#shared/program/on-stop-signal.ts';
import { parseOptions } from '#shared/program/parse-options.ts';
import { printableJson } from '#shared/program/printable-line.ts';
import { Agent } from './agent.ts';
import { machineBoot, noteCleanStop, takeCleanStop } from './io/clean-stop.ts';
import { deviceWorld } from './io/device-world.ts';
import { DiskPartials } from './io/disk-partials.ts';
import { HttpsDownloader } from './io/https-downloader.ts';
import { MqttLink } from './io/mqtt-link.ts';
import { readKeys } from './io/read-keys.ts';
import { SlotInstaller } from './io/slot-installer.ts';
import { StateFile } from './io/state-file.ts';
import { PROTOCOL_TIMING } from './settings.ts';

const HELP = `The reference device agent: one device with two slots on files.

  npm run agent -- --dir DIR --host NAME --port 8883 --thing acme:cam-0001 --product cam --hardware cam-rev-b \\
    --cert certificate.pem --key key.pem --ca authority.pem --trust cam.pub.pem --image factory.bin --version 1.0.0

  --dir DIR           state, downloads and slots; of this process alone
  --host NAME --port N   the broker (8883)
  --thing NAME        <tenant>:<device id>
  --product NAME --hardware NAME
  --cert FILE --key FILE --ca FILE    certificate and key of the device, certificate of the authority (PEM)
  --trust FILE[,FILE] the product's public signing keys (PEM): nothing else is installed
  --image FILE --version V   what a new device runs
  --interval SECONDS  checks once within that time (86400)
  --help              this text

Standard output: a line of JSON for whatever happens to the device, with the time; standard error: that it is connected, or why not, and
faults. The date must be right: certificates of servers are held against it.
Each start is a boot: what was not confirmed falls back, as after a loss of power. Only who was stopped by SIGTERM or SIGINT, and starts again
before the machine boots (Linux says so), goes on with its trial.
Exit codes: 0 stopped, 1 failed, 2 the options are wrong, or what they name.
`;

const OPTIONS = {
  dir: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string', default: '8883' },
  thing: { type: 'string' },
  product: { type: 'string' },
  hardware: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  ca: { type: 'string' },
  trust: { type: 'string' },
  image: { type: 'string' },
  version: { type: 'string' },
  interval: { type: 'string', default: '86400' },
  help: { type: 'boolean', default: false },
} as const;

/** The longest that a device may announce to be away. */
const LONGEST_INTERVAL_SECONDS = 2_592_000;
const FAILED = 1;
const BOOT_MS = 1_000;
const IDLE_MS = 60_000;
const RECONNECT_UNIT_MS = 1_000;
/** A process that was told to stop may still be on its way out when the next one starts. */
const LOCK_WITHIN_MS = 5_000;

async function main(): Promise<void> {
  const { values } = parseOptions({ options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  // Who reads along (`| head`, a terminal that was closed) may leave: a device goes on all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const directory = path.resolve(oneOf('--dir', values.dir));
  const host = oneOf('--host', values.host);
  const port = numberOf('--port', values.port, { least: 1, most: 65_535, whole: true });
  const intervalSeconds = numberOf('--interval', values.interval, {
    least: 1,
    most: LONGEST_INTERVAL_SECONDS,
  });
  const thing = nameOf('--thing', values.thing, Thing);
  const product = nameOf('--product', values.product, ProductName);
  const hardware = nameOf('--hardware', values.hardware, Hardware);
  const version = nameOf('--version', values.version, VersionText);
  const certificatePem = await fileOf('--cert', values.cert);
  const privateKeyPem = await fileOf('--key', values.key);
  const authorityPem = await fileOf('--ca', values.ca);
  const trustedKeysPem = await readKeys(oneOf('--trust', values.trust).split(','));
  const image = await pathOf('--image', values.image);
  expectCredentials({ cert: certificatePem, key: privateKeyPem, ca: authorityPem });
  const lock = await lockOf(directory);
  const partials = new DiskPartials(path.join(directory, 'downloads'));
  const installer = new SlotInstaller({
    directory,
    hardware,
    world: deviceWorld,
    bootMs: BOOT_MS,
    makeRoom: () => partials.clear(),
  });
  await installer.provision(image, version);
  const machine = await machineBoot();
  // Unless it was told to, nobody knows why the process before ended: to a device that is a loss of power.
  if (await takeCleanStop(directory, machine)) await installer.goOn();
  else await installer.powerOn();
  const onFault = (error: unknown) => void process.stderr.write(`agent: ${String(error)}\n`);
  const agent = new Agent({
    settings: {
      product,
      hardware,
      trustedKeysPem,
      timing: { ...PROTOCOL_TIMING, checkIntervalMs: intervalSeconds * 1000 },
    },
    world: deviceWorld,
    link: new MqttLink({
      host,
      port,
      thing,
      tenant: splitThing(thing).tenant,
      product,
      hardware,
      world: deviceWorld,
      reconnectUnitMs: RECONNECT_UNIT_MS,
      certificatePem,
      privateKeyPem,
      authorityPem,
      onUp: () => process.stderr.write('agent: connected\n'),
      onDown: (why) => process.stderr.write(`agent: not connected: ${why}\n`),
    }),
    downloader: new HttpsDownloader({
      partials,
      world: deviceWorld,
      idleMs: IDLE_MS,
      agent: new HttpsAgent({ ca: authorityPem, keepAlive: false }),
    }),
    installer,
    state: new StateFile(path.join(directory, 'state.json'), { onFault }),
    onNews: (news) => {
      const at = new Date(deviceWorld.now()).toISOString();
      process.stdout.write(`${printableJson({ at, ...news })}\n`);
    },
    onFault,
  });
  const stopInOrder = async () => {
    await stop(agent, () => noteCleanStop(directory, machine));
    lock?.release();
    process.exit(0);
  };
  onStopSignal(deviceWorld, {
    stop: () => void stopInOrder().catch(fail),
    giveUp: () => process.exit(FAILED),
  });
  await agent.start();
}

/** Ends the agent. A disk that does not take the note makes the next start a boot, and is no reason not to stop. */
async function stop(agent: Agent, note: () => Promise<void>): Promise<void> {
  await agent.stop();
  await note().catch((error: unknown) => process.stderr.write(failureText('agent', error)));
}

/** Throws `ConfigurationError` where one of these (PEM) is none, or the key is not that of the certificate: no connection would come of them. */
function expectCredentials(pem: { readonly cert: string; readonly key: string; readonly ca: string }): void {
  try {
    createSecureContext(pem);
  } catch (cause) {
    throw new ConfigurationError(`--cert, --key and --ca: ${faultOf(cause).message}`, { cause });
  }
}

/**
 * Two processes on one directory would be one device that checks from two boots and writes two slots over each other. A disk that takes no
 * lock takes nothing else either, and is no reason for a device not to be heard of.
 */
async function lockOf(directory: string): Promise<DirectoryLock | undefined> {
  await mkdir(directory, { recursive: true }).catch((cause: unknown) => {
    throw new ConfigurationError(`--dir: ${directory} cannot be made: ${faultOf(cause).message}`, { cause });
  });
  try {
    return await DirectoryLock.wait(directory, { world: deviceWorld, withinMs: LOCK_WITHIN_MS });
  } catch (error) {
    if (error instanceof DirectoryInUseError) throw error;
    process.stderr.write(failureText('agent', error));
    return undefined;
  }
}

function fail(error: unknown): never {
  process.stderr.write(failureText('agent', error));
  process.exit(exitCodeOf(error));
}

main().catch(fail);
