import path from 'node:path';
import { parseArgs } from 'node:util';
import { Tenant } from '#shared/contracts/names.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { failureText } from '#shared/program/failure-text.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { dataDirectory } from './files/data-directory.ts';
import type { NotifyTarget, NotifyWords } from './notify/target.ts';
import { HostLog } from './runtime/host-log.ts';
import { LogFile } from './runtime/log-file.ts';
import { printableLine } from './runtime/printable-line.ts';
import { serve } from './serve.ts';
import { readServices } from './serverless/read-services.ts';
import { stageOf } from './start-options.ts';
import { storeFaultText } from './store/store-fault.ts';

const HELP = `Serves Evenkeel on this machine until it is stopped.

  npm start -- [options]

  --data DIR        where everything is kept (./data)
  --mqtt-port N     devices: MQTT 3.1.1 over TLS (8883; 0: any)
  --http-port N     API and firmware: HTTPS (8443; 0: any)
  --host ADDRESS    the address to listen on (127.0.0.1; 0.0.0.0: all)
  --name NAME       the name that devices and people reach this machine by (localhost)
  --tenant NAME     whose admin token is made at the first start (demo)
  --stage NAME      part of all names of resources (home)
  --notify URL      gets a POST of JSON when a rollout halts or changes, and of what else needs a person
  --notify-file FILE
                    the same with the URL in a file: command lines are seen by all users of this machine
  --notify-secret-file FILE
                    signs each POST as Standard Webhooks does; the file holds whsec_ and base64
  --metrics-port N  what Prometheus reads: http://127.0.0.1:N/metrics, for this machine alone (off; 0: any)
  --verbose         log lines to standard error instead of DIR/logs
  --help            this text
`;

const ROOT = path.resolve(import.meta.dirname, '..');
const FAILED = 1;
/** What was written may be lost: no goodbye to anyone. */
const STORE_LOST = 70;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: 'data' },
      'mqtt-port': { type: 'string', default: '8883' },
      'http-port': { type: 'string', default: '8443' },
      host: { type: 'string', default: '127.0.0.1' },
      name: { type: 'string', default: 'localhost' },
      tenant: { type: 'string', default: 'demo' },
      stage: { type: 'string', default: 'home' },
      notify: { type: 'string' },
      'notify-file': { type: 'string' },
      'notify-secret-file': { type: 'string' },
      'metrics-port': { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const mqttPort = portOf('--mqtt-port', values['mqtt-port']);
  const httpPort = portOf('--http-port', values['http-port']);
  const metricsPort =
    values['metrics-port'] === undefined ? undefined : portOf('--metrics-port', values['metrics-port']);
  const tenant = Tenant.safeParse(values.tenant);
  if (!tenant.success) throw new ConfigurationError(`--tenant ${tenant.error.issues[0]?.message}`);
  const notify = await notifyOf(values);
  const services = readServices({ root: ROOT, stage: stageOf(values.stage) });
  // What is made from here on is for nobody else on this machine, the database too, to which no mode can be given.
  process.umask(0o077);
  const directory = dataDirectory(values.data);
  const logFile = values.verbose ? undefined : new LogFile(path.join(directory, 'logs'), realWorld);
  const write = logFile?.write ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const writeLine = (line: string) => write(printableLine(line));
  // Who reads along (`| head`, a terminal that was closed) may leave at any time: devices are served all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // On Lambda it would cost one instance; here it must not cost everybody's.
  process.on('unhandledRejection', (error) =>
    new HostLog(writeLine, realWorld).error('a rejection that nobody handled', error),
  );
  const serving = await serve({
    services,
    directory,
    address: values.host,
    mqttPort,
    httpPort,
    name: values.name,
    tenant: values.tenant,
    world: realWorld,
    writeLine,
    ...(notify !== undefined && { notify }),
    ...(metricsPort !== undefined && { metricsPort }),
    onFatal: (error) => {
      process.stderr.write(`evenkeel: ${storeFaultText(directory, error)}\n`);
      new HostLog(writeLine, realWorld).error('the store failed', error);
      logFile?.close();
      process.exit(STORE_LOST);
    },
  });
  stopOnSignal(async () => {
    await serving.stop();
    logFile?.close();
  });
  const { file, metricsPort: metricsAt, restoredFromMs, warnings } = serving;
  for (const warning of warnings) process.stderr.write(`evenkeel: WARNING: ${warning}\n`);
  if (restoredFromMs !== undefined) {
    process.stdout.write(
      `evenkeel: this is a backup of ${new Date(restoredFromMs).toISOString()}; rollouts that ran are paused, because nobody knows what\n` +
        'evenkeel: happened since. See "Backup and restoring" in docs/operations.md before you resume them\n',
    );
  }
  process.stdout.write(
    `evenkeel: serving devices on mqtts://${file.name}:${file.mqttPort}\n` +
      `evenkeel: serving API and firmware on https://${file.name}:${file.httpPort}\n` +
      `evenkeel: to log in on this machine: npx evenkeel login --data ${directory}\n` +
      (notify === undefined ? '' : `evenkeel: telling ${notify.url.host} what needs a person\n`) +
      (metricsAt === undefined ? '' : `evenkeel: metrics on http://127.0.0.1:${metricsAt}/metrics\n`) +
      `evenkeel: ${logFile === undefined ? 'log lines follow' : `logs in ${path.join(directory, 'logs')}`}; ctrl-c stops\n`,
  );
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new ConfigurationError(`${option} must be 0 to 65535`);
  return port;
}

/** Its code is loaded by those alone who ask for it. */
async function notifyOf(words: NotifyWords): Promise<NotifyTarget | undefined> {
  const said = [words.notify, words['notify-file'], words['notify-secret-file']];
  if (said.every((word) => word === undefined)) return undefined;
  return (await import('./notify/target.ts')).notifyTarget(words);
}

/** The first signal stops in order; the second ends at once, which loses nothing that was acknowledged. */
function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(FAILED);
      isStopping = true;
      stop().then(() => process.exit(0), fail);
    });
  }
}

function fail(error: unknown): never {
  process.stderr.write(failureText('evenkeel', error));
  process.exit(FAILED);
}

main().catch(fail);
