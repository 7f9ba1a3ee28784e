import { join } from 'node:path';
import type { WriteLine } from '#shared/capabilities/home.ts';
import type { Identity } from '#shared/capabilities/identity.ts';
import { HOST_FILE, type HostFile } from '#shared/contracts/host-file.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { AccessTokens } from './access/access-tokens.ts';
import { readBackupNote, removeBackupNote } from './backup/backup-note.ts';
import { MqttBroker } from './broker/mqtt-broker.ts';
import { RefusalLog } from './broker/refusal-log.ts';
import { connectionLimits, openFileLimit } from './connection-limits.ts';
import { closeToOthers } from './files/closed-to-others.ts';
import { removeIfPresent, writeDurably } from './files/durable-file.ts';
import { checkDatabaseThere, checkPartsThere, hadTokens } from './files/whole-directory.ts';
import { Host } from './host.ts';
import { HttpsServer } from './http/https-server.ts';
import { openAuthority } from './identity/authority.ts';
import { LocalIdentity } from './identity/local-identity.ts';
import { openSigner } from './identity/local-signer.ts';
import {
  renewServerCertificate,
  type ServerCertificateRenewal,
  serverCredentials,
} from './identity/server-certificate.ts';
import { TableThingRegistry, THINGS_TABLE } from './identity/thing-registry.ts';
import { compilePolicy, type DevicePolicy } from './iot/policy/device-policy.ts';
import type { Metrics, MetricsParts } from './metrics/open-metrics.ts';
import type { Notifier } from './notify/notifier.ts';
import type { NotifyTarget } from './notify/target.ts';
import { HostLog } from './runtime/host-log.ts';
import type { Wrap } from './runtime/resources.ts';
import type { Services } from './serverless/read-services.ts';
import type { ServiceDefinition } from './serverless/service-definition.ts';
import { checkClock, listenFault } from './start-options.ts';
import { EmbeddedStore } from './store/embedded-store.ts';

/** What a host serves, where, and for whom. */
export interface ServeOptions {
  readonly services: Services;
  /** Where everything is kept; one process at a time. */
  readonly directory: string;
  /** The address to listen on. */
  readonly address: string;
  /** 0: any port that is free. */
  readonly mqttPort: number;
  readonly httpPort: number;
  /** The name by which devices and people reach this machine; URLs and the server's certificate say it. */
  readonly name: string;
  /** Whose admin token is made at the first start. */
  readonly tenant: string;
  readonly world: World;
  readonly writeLine: WriteLine;
  /** Told once, when writes were lost: the process has to end at once. */
  readonly onFatal: (error: unknown) => void;
  readonly wrap?: Wrap;
  /** Whom to tell of what needs a person; nobody unless told. */
  readonly notify?: NotifyTarget;
  /** Where this machine may read metrics, without TLS or token (0: any port that is free); nowhere unless told. */
  readonly metricsPort?: number;
  /** How many files this process may have open; what the system says unless told. */
  readonly openFiles?: number;
}

/** A host that serves. */
export interface Serving {
  readonly host: Host;
  readonly broker: MqttBroker;
  readonly identity: Identity;
  readonly file: HostFile;
  /** The port of the metrics; absent where they are not served. */
  readonly metricsPort?: number;
  /** When the backup was taken that is served here for the first time; absent where none is. */
  readonly restoredFromMs?: number;
  /** What the person who starts it must know, one sentence each. */
  readonly warnings: readonly string[];
  /** Takes nothing more in, waits a while for what runs, and closes. */
  stop(): Promise<void>;
}

const HTTP_GRACE_MS = 10_000;

/**
 * Serves: HTTPS and MQTT over TLS, functions and schedules. The HTTPS port is taken first (and answers 503), because URLs
 * name it; devices are heard only once everybody knows that they were not. Throws `ConfigurationError` by name for what
 * cannot be served, and when another process has the directory.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { services, directory, address, name, world, writeLine, onFatal } = options;
  const log = new HostLog(writeLine, world);
  const onFault = (error: unknown) => log.error('the host failed at something', error);
  await using opened = new AsyncDisposableStack();
  checkClock(world.now());
  checkDatabaseThere(directory);
  const warnings = closeToOthers(directory).map(
    (key) =>
      `${key} could be read by other users of this machine; it is closed now, but who has read it has it`,
  );
  const onLongLog = (bytes: number) =>
    log.warn(
      'the log of the database grows, because somebody reads it: end a backup that hangs or is suspended',
      {
        bytes,
      },
    );
  const store = new EmbeddedStore({ directory, world, onFatal, flushesBeside: true, onLongLog });
  opened.defer(() => store.close());
  checkPartsThere(directory, (table) => store.hasTable(table));
  const authorityDirectory = join(directory, 'authority');
  const secrets = join(directory, 'secrets');
  const authority = await openAuthority(authorityDirectory, world);
  const ending = authority.endWarning();
  if (ending !== undefined) warnings.push(ending);
  const certificate = { directory: authorityDirectory, authority, names: [name], world };
  const credentials = await serverCredentials(certificate);
  const hadSome = hadTokens((table) => store.hasTable(table));
  const tokens = await AccessTokens.open(secrets, { tenant: options.tenant, world });
  if (tokens.isBegun && hadSome)
    warnings.push(
      `secrets/tokens.json was missing: nobody's token holds any more; a new one of the admin of ${options.tenant} is in secrets/admin.token`,
    );
  const registry = new TableThingRegistry(store.table(THINGS_TABLE), world);

  const limits = connectionLimits(options.openFiles ?? openFileLimit());
  const noRoom = new RefusalLog(log, world, 'there was no room for an HTTPS connection');
  const https = new HttpsServer({
    credentials,
    mostConnections: limits.https,
    world,
    onFault,
    onNoRoom: (address, rule) => noRoom.say(address, rule),
  });
  opened.defer(() => https.close(HTTP_GRACE_MS));
  const httpPort = await https.listen(address, options.httpPort).catch((error: unknown) => {
    throw listenFault(error, { option: '--http-port', port: options.httpPort, address });
  });
  const committed = () => store.committed();
  const broker = await MqttBroker.open({
    credentials,
    authorityPem: authority.pem,
    registry,
    mostConnections: limits.devices,
    policy: devicePolicyOf(services.platform),
    onPublish: (to, message) => host.rules.publish(to, message),
    committed,
    world,
    log,
    onFault,
  });
  opened.defer(() => broker.close());
  const identity = new LocalIdentity({
    authority,
    registry,
    // Known once the broker listens, and asked for only after that.
    get endpoint() {
      return `${name}:${broker.door.port}`;
    },
    onRevoked: (thing) => broker.disconnect(thing),
  });
  const publicUrl = `https://${name}:${httpPort}`;
  const host: Host = await Host.open({
    services,
    store,
    directory,
    world,
    writeLine,
    publicUrl,
    link: broker,
    identity,
    signer: await openSigner(secrets),
    ...(options.wrap !== undefined && { wrap: options.wrap }),
  });
  opened.defer(() => host.stop());
  const renewal = renewServerCertificate(
    certificate,
    credentials,
    (renewed) => {
      https.present(renewed);
      broker.door.present(renewed);
    },
    onFault,
  );
  opened.defer(() => renewal.stop());
  const notifier = await notifierOf(options, { host, renewal, tokens });
  opened.defer(async () => notifier?.stop());
  // A module that cannot be loaded is found now, and not by the first device that needs it.
  await Promise.all(host.functions.pools.map((pool) => pool.warm()));
  const restored = await readBackupNote(directory);
  const unheardFromMs = await host.start(restored && { restoredFromMs: restored.takenAtMs });
  // Whoever must know it does: it is told once.
  if (restored !== undefined) await removeBackupNote(directory);
  const mqttPort = await broker.door.listen(address, options.mqttPort).catch((error: unknown) => {
    throw listenFault(error, { option: '--mqtt-port', port: options.mqttPort, address });
  });
  https.open({ api: host.api, tokens, bucket: host.buckets.handleHttp });
  const file: HostFile = {
    name,
    mqttPort,
    httpPort,
    pid: process.pid,
    authority: join(authorityDirectory, 'ca.pem'),
    adminToken: join(secrets, 'admin.token'),
  };
  const hostFile = join(directory, HOST_FILE);
  await writeDurably(hostFile, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o644 });
  opened.defer(() => removeIfPresent(hostFile));
  const certificates = { server: renewal, authority };
  const metrics = await metricsOf(options, {
    host,
    broker,
    mostDevices: limits.devices,
    certificates,
    tokens,
    onFault,
  });
  opened.defer(async () => metrics?.stop());
  const ofBackup = restored && { restoredFromMs: restored.takenAtMs };
  await notifier?.start({
    ...(unheardFromMs !== undefined && { awayFromMs: unheardFromMs }),
    ...ofBackup,
  });
  for (const warning of warnings) log.warn(warning);
  log.info('serving', { mqttPort, httpPort, mostDevices: limits.devices });
  const everything = opened.move();
  return {
    host,
    broker,
    identity,
    file,
    warnings,
    ...(metrics && { metricsPort: metrics.port }),
    ...ofBackup,
    async stop() {
      log.info('stopping');
      // First nothing more comes in, then what runs may end; the rest goes in the order in which it came.
      await Promise.all([https.close(HTTP_GRACE_MS), broker.close()]);
      await everything.disposeAsync();
    },
  };
}

/** Its code is loaded by those alone who want it. */
async function notifierOf(
  options: ServeOptions,
  parts: {
    readonly host: Host;
    readonly renewal: ServerCertificateRenewal;
    readonly tokens: AccessTokens;
  },
): Promise<Notifier | undefined> {
  const { notify, services, directory, name, world } = options;
  if (notify === undefined) return undefined;
  const { openNotifier } = await import('./notify/open-notifier.ts');
  return openNotifier(notify, { ...parts, services, directory, name, world });
}

/** Its code is loaded by those alone who want it. */
async function metricsOf(
  { metricsPort: port, services, directory, world }: ServeOptions,
  parts: Omit<MetricsParts, 'services' | 'directory' | 'world'>,
): Promise<Metrics | undefined> {
  if (port === undefined) return undefined;
  const { METRICS_ADDRESS: address, openMetrics } = await import('./metrics/open-metrics.ts');
  return openMetrics(port, { ...parts, services, directory, world }).catch((error: unknown) => {
    throw listenFault(error, { option: '--metrics-port', port, address });
  });
}

/** The one policy that devices have. Throws `ConfigurationError` when there is none, or more than one. */
function devicePolicyOf({ devicePolicies, place }: ServiceDefinition): DevicePolicy {
  const [policy, ...others] = devicePolicies;
  if (policy === undefined || others.length > 0) {
    throw new ConfigurationError('the platform must have one AWS::IoT::Policy: the policy of all devices');
  }
  return compilePolicy(policy.document, place);
}
