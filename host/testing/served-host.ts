import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { NotifyTarget } from '#host/notify/target.ts';
import { type Serving, serve } from '#host/serve.ts';
import { readServices } from '#host/serverless/read-services.ts';
import type { ServiceDefinition } from '#host/serverless/service-definition.ts';
import type { Identity, IssuedCertificate } from '#shared/capabilities/identity.ts';
import { realWorld } from '#shared/world/real-world.ts';
import type { World } from '#shared/world/world.ts';
import { withForeignResources } from './foreign-resources.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** How the host of a test departs from one that users start. */
export interface ServedHostOptions {
  /** Folders in `services/`; all of them unless told. */
  readonly services?: readonly string[];
  /** A folder with a `serverless.yml` and `services/` of its own instead of the repository's. */
  readonly root?: string;
  /** A data directory to go on with; a new one unless told. */
  readonly directory?: string;
  /** Whom the host tells of what needs a person. */
  readonly notify?: NotifyTarget;
  /** Where metrics are served; nowhere unless told. */
  readonly metricsPort?: number;
  /** How many files the host takes the process to be able to open. */
  readonly openFiles?: number;
  /** The id of the key that may seal in place of one that is lost. */
  readonly newSealKey?: string;
  /** The batch window of all change streams; what their functions say unless told. */
  readonly streamWindowSeconds?: number;
  /** Time and chance of the host; the real ones unless told. */
  readonly world?: World;
}

/** What an HTTPS request is answered. */
export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** The whole host with its sockets on loopback, in real time: for tests of what crosses a wire. */
export class ServedHost {
  readonly serving: Serving;
  readonly directory: string;
  /** What functions and host have logged, parsed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly #clients: MqttClient[] = [];
  readonly #authorityPem: string;
  readonly #adminToken: string;

  /** For `startServedHost`. */
  constructor(
    serving: Serving,
    directory: string,
    lines: readonly Readonly<Record<string, unknown>>[],
    secrets: { readonly authorityPem: string; readonly adminToken: string },
  ) {
    this.serving = serving;
    this.directory = directory;
    this.lines = lines;
    this.#authorityPem = secrets.authorityPem;
    this.#adminToken = secrets.adminToken;
  }

  /** Credentials for a thing, as the registry's functions would get them. */
  issue(thing: string, attributes: Readonly<Record<string, string>> = {}): Promise<IssuedCertificate> {
    return this.identity.issue({ thing, attributes });
  }

  get identity(): Identity {
    return this.serving.identity;
  }

  /** A client of that thing that does not reconnect; rejects when it is refused. Ended by `stop`. */
  async connect(
    thing: string,
    certificate: IssuedCertificate,
    options: IClientOptions = {},
  ): Promise<MqttClient> {
    const client = this.connecting(thing, certificate, options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('the connection was closed')));
    await promise;
    return client;
  }

  /** The same, without waiting for it to be let in: for who listens from the first moment. */
  connecting(thing: string, certificate: IssuedCertificate, options: IClientOptions = {}): MqttClient {
    const client = connect(`mqtts://localhost:${this.serving.file.mqttPort}`, {
      clientId: thing,
      cert: certificate.certificatePem,
      key: certificate.privateKeyPem ?? '',
      ca: this.#authorityPem,
      reconnectPeriod: 0,
      protocolVersion: 4,
      keepalive: 60,
      ...options,
    });
    // A client that the broker cuts off says so; tests wait for its `close`.
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** An HTTPS request to the host, as the admin unless another token (or none: null) is given. */
  https(
    method: string,
    target: string,
    options: { readonly body?: string | Uint8Array; readonly token?: string | null } = {},
  ): Promise<HttpsAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpsAnswer>();
    const { body, token = this.#adminToken } = options;
    const request = httpsRequest({
      host: 'localhost',
      port: this.serving.file.httpPort,
      method,
      path: target,
      ca: this.#authorityPem,
      agent: false,
      headers: { ...(token !== null && { authorization: `Bearer ${token}` }) },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
      response.on('error', reject);
    });
    request.end(body);
    return promise;
  }

  /** Ends clients and host; the directory goes too unless `keep`. */
  async stop({ keep } = { keep: false }): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.endAsync(true)));
    await this.serving.stop();
    if (!keep) await rm(this.directory, { recursive: true, force: true });
  }
}

/** Serves the services on loopback, on ports that are free. */
export async function startServedHost(options: ServedHostOptions = {}): Promise<ServedHost> {
  const { services: only, root = ROOT } = options;
  const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), 'evenkeel-served-')));
  const read = readServices({ root, stage: 'test', ...(only !== undefined && { only }) });
  const definitions = withForeignResources([read.platform, ...read.services]);
  const [platform = read.platform, ...services] = definitions.map((one) =>
    withStreamWindow(one, options.streamWindowSeconds),
  );
  const lines: Readonly<Record<string, unknown>>[] = [];
  const serving = await serve({
    services: { platform, services },
    directory,
    address: '127.0.0.1',
    mqttPort: 0,
    httpPort: 0,
    name: 'localhost',
    tenant: 'acme',
    world: options.world ?? realWorld,
    writeLine: (line) => lines.push(JSON.parse(line)),
    ...(options.notify !== undefined && { notify: options.notify }),
    ...(options.metricsPort !== undefined && { metricsPort: options.metricsPort }),
    ...(options.newSealKey !== undefined && { newSealKey: options.newSealKey }),
    ...(options.openFiles !== undefined && { openFiles: options.openFiles }),
    onFatal: (error) => {
      throw error;
    },
  });
  const authorityPem = await readFile(serving.file.authority, 'utf8');
  const adminToken = (await readFile(serving.file.adminToken, 'utf8')).trim();
  return new ServedHost(serving, directory, lines, { authorityPem, adminToken });
}

function withStreamWindow(service: ServiceDefinition, seconds: number | undefined): ServiceDefinition {
  if (seconds === undefined) return service;
  const functions = service.functions.map((one) => ({
    ...one,
    events: one.events.map((event) =>
      event.kind === 'stream' ? { ...event, batchingWindowSeconds: seconds } : event,
    ),
  }));
  return { ...service, functions };
}
