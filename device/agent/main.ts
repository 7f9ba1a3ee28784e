import { readFile } from 'node:fs/promises';
import { Agent as HttpsAgent } from 'node:https';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { splitThing, Thing } from '#shared/contracts/names.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { failureText } from '#shared/program/failure-text.ts';
import { Agent } from './agent.ts';
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

  --dir DIR           state, downloads and slots
  --host NAME --port N   the broker (8883)
  --thing NAME        <tenant>:<device id>
  --product NAME --hardware NAME
  --cert FILE --key FILE --ca FILE    certificate and key of the device, certificate of the authority (PEM)
  --trust FILE[,FILE] the product's public signing keys (PEM): nothing else is installed
  --image FILE --version V   what a new device runs
  --interval SECONDS  checks once within that time (86400)
  --help              this text
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

const BOOT_MS = 1_000;
const IDLE_MS = 60_000;
const RECONNECT_UNIT_MS = 1_000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const need = (name: Exclude<keyof typeof OPTIONS, 'help'>): string => {
    const value = values[name];
    if (value === undefined) throw new ConfigurationError(`--${name} is missing; see --help`);
    return value;
  };
  // Who reads along (`| head`, a terminal that was closed) may leave: a device goes on all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const directory = path.resolve(need('dir'));
  const intervalSeconds = Number(need('interval'));
  if (!(intervalSeconds >= 1)) throw new ConfigurationError('--interval must be at least 1 second');
  const thing = Thing.parse(need('thing'));
  const [certificatePem, privateKeyPem, authorityPem] = await Promise.all(
    ([need('cert'), need('key'), need('ca')] as const).map((file) => readFile(file, 'utf8')),
  );
  const [product, hardware] = [need('product'), need('hardware')];
  const installer = new SlotInstaller({ directory, hardware, world: deviceWorld, bootMs: BOOT_MS });
  await installer.provision(need('image'), need('version'));
  // Nobody knows why the process before ended: to a device that is a loss of power.
  await installer.powerOn();
  const agent = new Agent({
    settings: {
      ...{ product, hardware, trustedKeysPem: await readKeys(need('trust').split(',')) },
      timing: { ...PROTOCOL_TIMING, checkIntervalMs: intervalSeconds * 1000 },
    },
    world: deviceWorld,
    link: new MqttLink({
      ...{ host: need('host'), port: Number(need('port')), thing, tenant: splitThing(thing).tenant },
      ...{ product, hardware, world: deviceWorld, reconnectUnitMs: RECONNECT_UNIT_MS },
      certificatePem: certificatePem ?? '',
      privateKeyPem: privateKeyPem ?? '',
      authorityPem: authorityPem ?? '',
      onDown: (why) => process.stderr.write(`agent: not connected: ${why}\n`),
    }),
    downloader: new HttpsDownloader({
      partials: new DiskPartials(path.join(directory, 'downloads')),
      ...{
        world: deviceWorld,
        idleMs: IDLE_MS,
        agent: new HttpsAgent({ ca: authorityPem, keepAlive: false }),
      },
    }),
    installer,
    state: new StateFile(path.join(directory, 'state.json')),
    onNews: (news) => void process.stdout.write(`${JSON.stringify(news)}\n`),
    onFault: (error) => process.stderr.write(`agent: ${String(error)}\n`),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => agent.stop().then(() => process.exit(0), fail));
  }
  await agent.start();
}

function fail(error: unknown): never {
  process.stderr.write(failureText('agent', error));
  process.exit(1);
}

main().catch(fail);
