import { Sha256, Tenant } from '#shared/contracts/names.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { parseOptions } from '#shared/program/parse-options.ts';
import type { NotifyTarget, NotifyWords } from '../notify/target.ts';
import type { ServeOptions } from './serve-options.ts';
import { stageOf } from './stage-name.ts';

/** What `--help` says. */
export const HELP = `Serves Evenkeel on this machine until it is stopped.

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
  --new-seal-key ID the key that seals the audit logs from here on, where the one before is lost for good
  --verbose         log lines to standard error instead of DIR/logs
  --help            this text
`;

/** What the command line asks for. `directory` is as it was given, and need not exist yet. */
export interface ProgramOptions
  extends Pick<ServeOptions, 'directory' | 'address' | 'mqttPort' | 'httpPort' | 'name' | 'tenant'>,
    Pick<ServeOptions, 'notify' | 'metricsPort' | 'newSealKey'> {
  readonly stage: string;
  /** Log lines go to standard error. */
  readonly verbose: boolean;
}

/**
 * Reads the command line (without the program's name); `help` where it asks for that. Throws `ConfigurationError` with option and rule, and
 * `TypeError` for an option that there is not.
 */
export async function readOptions(args: readonly string[]): Promise<ProgramOptions | 'help'> {
  const { values } = parseOptions({
    args: [...args],
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
      'new-seal-key': { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { 'mqtt-port': mqttPort, 'http-port': httpPort, 'metrics-port': metricsPort, tenant } = values;
  const newSealKey = values['new-seal-key'];
  if (newSealKey !== undefined && !Sha256.safeParse(newSealKey).success)
    throw new ConfigurationError(
      '--new-seal-key must be the id of the key that is there, as a start without this option says it',
    );
  const ports = {
    mqttPort: portOf('--mqtt-port', mqttPort),
    httpPort: portOf('--http-port', httpPort),
    ...(metricsPort !== undefined && { metricsPort: portOf('--metrics-port', metricsPort) }),
  };
  const read = Tenant.safeParse(tenant);
  if (!read.success) throw new ConfigurationError(`--tenant ${read.error.issues[0]?.message}`);
  const notify = await notifyOf(values);
  return {
    directory: values.data,
    address: values.host,
    name: values.name,
    tenant,
    stage: stageOf(values.stage),
    verbose: values.verbose,
    ...ports,
    ...(notify !== undefined && { notify }),
    ...(newSealKey !== undefined && { newSealKey }),
  };
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
  return (await import('../notify/target.ts')).notifyTarget(words);
}
