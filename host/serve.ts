import { join } from 'node:path';
import type { Identity } from '#shared/capabilities/identity.ts';
import { HOST_FILE, type HostFile } from '#shared/contracts/host-file.ts';
import type { World } from '#shared/world/world.ts';
import { readBackupNote, removeBackupNote } from './backup/backup-note.ts';
import type { MqttBroker } from './broker/mqtt-broker.ts';
import { writeDurably } from './files/durable-file.ts';
import { noteEndInOrder } from './files/whole-directory.ts';
import { Host } from './host.ts';
import { LocalIdentity } from './identity/local-identity.ts';
import { renewServerCertificate } from './identity/server-certificate.ts';
import type { HostStarted } from './notify/notification.ts';
import { HostLog } from './runtime/host-log.ts';
import { putBackText } from './serve/clock-check.ts';
import { listenFault } from './serve/listen-fault.ts';
import { openData } from './serve/open-data.ts';
import { HTTP_GRACE_MS, openDoors } from './serve/open-doors.ts';
import { type HomeSecrets, openSecrets } from './serve/open-secrets.ts';
import { metricsOf, notifierOf } from './serve/open-watchers.ts';
import type { ServeOptions } from './serve/serve-options.ts';

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

/**
 * Serves: HTTPS and MQTT over TLS, functions and schedules. The HTTPS port is taken first (and answers 503), because URLs
 * name it; devices are heard only once everybody knows that they were not. Throws `ConfigurationError` by name for what
 * cannot be served, and when another process has the directory.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { services, directory, address, name, world, writeLine } = options;
  const log = new HostLog(writeLine, world);
  const onFault = (error: unknown) => log.error('the host failed at something', error);
  await using opened = new AsyncDisposableStack();
  const { store, warnings: ofDirectory } = await openData(options, log, opened);
  const secrets = await openSecrets(options, store);
  const { tokens } = secrets;
  const { https, httpPort, broker, registry, mostDevices } = await openDoors(
    options,
    { store, secrets, log, onFault, onPublish: (to, message) => host.rules.publish(to, message) },
    opened,
  );
  const identity = new LocalIdentity({
    authority: secrets.authority,
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
    signer: secrets.signer,
    ...(options.wrap !== undefined && { wrap: options.wrap }),
  });
  opened.defer(() => host.stop());
  const renewal = renewServerCertificate(
    secrets.certificate,
    secrets.credentials,
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
  const since = await begin(host, directory);
  const mqttPort = await broker.door.listen(address, options.mqttPort).catch((error: unknown) => {
    throw listenFault(error, { option: '--mqtt-port', port: options.mqttPort, address });
  });
  // Many may be left; nobody waits for them.
  tellLeftOver(broker, since.awayFromMs ?? world.now(), log).catch(onFault);
  https.open({ api: host.api, tokens, bucket: host.buckets.handleHttp });
  const file = await tellWhere(directory, { name, mqttPort, httpPort }, secrets, opened);
  const certificates = { server: renewal, authority: secrets.authority };
  const metrics = await metricsOf(options, { host, broker, mostDevices, certificates, tokens, onFault });
  opened.defer(async () => metrics?.stop());
  await notifier?.start(since);
  // Functions and people know it now: a start that found a port taken has told no person.
  if (since.restoredFromMs !== undefined) await removeBackupNote(directory);
  const warnings = [...ofDirectory, ...secrets.warnings, ...ofClock(host, world)];
  for (const warning of warnings) log.warn(warning);
  log.info('serving', { mqttPort, httpPort, mostDevices });
  const everything = opened.move();
  const { restoredFromMs } = since;
  return {
    host,
    broker,
    identity,
    file,
    warnings,
    ...(metrics && { metricsPort: metrics.port }),
    ...(restoredFromMs !== undefined && { restoredFromMs }),
    async stop() {
      log.info('stopping');
      // First nothing more comes in, then what runs may end; the rest goes in the order in which it came.
      await Promise.all([https.close(HTTP_GRACE_MS), broker.close()]);
      await everything.disposeAsync();
    },
  };
}

/**
 * Lets the functions run, once they know since when devices were not heard, and that this is a backup. Answers that, and when the backup was
 * taken that is served for the first time (both milliseconds since 1970), where there is something to tell.
 */
async function begin(
  host: Host,
  directory: string,
): Promise<Pick<HostStarted, 'awayFromMs' | 'restoredFromMs'>> {
  const note = await readBackupNote(directory);
  const restored = note && { restoredFromMs: note.takenAtMs };
  const awayFromMs = await host.start(restored);
  return { ...(awayFromMs !== undefined && { awayFromMs }), ...restored };
}

/** Writes where the host serves, for programs of this machine; `opened` removes it. */
async function tellWhere(
  directory: string,
  where: Pick<HostFile, 'name' | 'mqttPort' | 'httpPort'>,
  secrets: HomeSecrets,
  opened: AsyncDisposableStack,
): Promise<HostFile> {
  const file: HostFile = {
    ...where,
    pid: process.pid,
    authority: join(secrets.certificate.directory, 'ca.pem'),
    adminToken: join(secrets.directory, 'admin.token'),
  };
  await writeDurably(join(directory, HOST_FILE), `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o644 });
  opened.defer(() => noteEndInOrder(directory));
  return file;
}

/** Tells of the sessions that were left open when the host was killed, as ended then (milliseconds since 1970). */
async function tellLeftOver(broker: MqttBroker, endedMs: number, log: HostLog): Promise<void> {
  const sessions = await broker.tellLeftOver(endedMs);
  if (sessions > 0) log.info('sessions had been left open, and are told to be over', { sessions });
}

/** What must be known of the clock of this machine, where it was put back. */
const ofClock = ({ ranUntilMs }: Host, world: World): readonly string[] =>
  ranUntilMs === undefined ? [] : [putBackText(ranUntilMs, world.now())];
