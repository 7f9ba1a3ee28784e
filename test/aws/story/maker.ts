import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import path from 'node:path';
import type { BehaviourOf } from '#device/fleet/behaviour.ts';
import { Fleet } from '#device/fleet/fleet.ts';
import { CreateProduct, type ReleaseView } from '#shared/contracts/api/firmware.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { createRollout } from '../../../cli/actions/create-rollout.ts';
import { pushRelease } from '../../../cli/actions/push-release.ts';
import { publishRelease } from '../../../cli/actions/releases.ts';
import { launchRollout } from '../../../cli/actions/rollouts.ts';
import { addSigningKey, newSigningKey, type SigningKey } from '../../../cli/actions/signing-keys.ts';
import type { ApiClient } from '../../../cli/api-client.ts';
import type { AwsHome } from '../aws-home.ts';
import { PatientClient } from './patient-client.ts';

/** The one product of the story. */
export const PRODUCT = 'cam';
/** Its board. */
export const HARDWARE = 'cam-rev-b';

/** Device times on a scale of seconds. */
const TIMING = {
  checkIntervalMs: 4_000,
  backoffUnitMs: 300,
  permitAnswerMs: 30_000,
  rebootAckMs: 5_000,
  selfTestMs: 600_000,
  retryAfterSecondMs: 1_000,
  leastRetryMs: 200,
};
/** Two parts of a multipart upload: S3 takes parts of 5 MiB and a smaller last one. */
const FIRMWARE_BYTES = 6 * 1024 * 1024;

/** What the fleet is like. */
export interface MakerOptions {
  readonly devices: number;
  readonly factoryVersion: string;
  readonly behaviourOf: BehaviourOf;
  readonly tagsOf: (deviceIndex: number) => readonly string[];
  readonly withinSecondsOf: (deviceIndex: number) => number | undefined;
}

/** A manufacturer, an operator and a fleet of reference devices before an account of AWS. */
export class Maker {
  readonly client: ApiClient;
  readonly fleet: Fleet;
  readonly faults: readonly string[];
  readonly #home: AwsHome;
  readonly #key: SigningKey;

  private constructor(parts: {
    readonly client: ApiClient;
    readonly fleet: Fleet;
    readonly faults: readonly string[];
    readonly home: AwsHome;
    readonly key: SigningKey;
  }) {
    this.client = parts.client;
    this.fleet = parts.fleet;
    this.faults = parts.faults;
    this.#home = parts.home;
    this.#key = parts.key;
  }

  /** Who holds that token, as a client of the API. */
  static clientOf({ httpPort, authorityPem }: AwsHome, token: string): PatientClient {
    const url = `https://localhost:${httpPort}`;
    return new PatientClient({ url, token, caPem: authorityPem }, realWorld);
  }

  /** Makes the product and its key, registers the devices and boots them. */
  static async start(home: AwsHome, options: MakerOptions): Promise<Maker> {
    const { mqttPort, httpPort, authorityPem, directory } = home;
    const token = await home.token('admin');
    const client = Maker.clientOf(home, token);
    const key = newSigningKey();
    await client.call(CreateProduct, { body: { product: PRODUCT, hardware: [HARDWARE] } });
    await addSigningKey(client, { product: PRODUCT, name: 'main', publicKeyPem: key.publicKeyPem });
    const faults: string[] = [];
    const fleet = new Fleet({
      backend: { name: 'localhost', mqttPort, httpPort, authorityPem, token },
      directory: path.join(directory, 'fleet'),
      count: options.devices,
      prefix: 'cam-',
      product: PRODUCT,
      hardware: HARDWARE,
      factoryVersion: options.factoryVersion,
      trustedKeysPem: [key.publicKeyPem],
      timing: TIMING,
      bootMs: 300,
      behaviourOf: options.behaviourOf,
      tagsOf: options.tagsOf,
      withinSecondsOf: options.withinSecondsOf,
      world: realWorld,
      onFault: (deviceId, error) => faults.push(`${deviceId}: ${String(error)}`),
    });
    await fleet.start();
    return new Maker({ client, fleet, faults, home, key });
  }

  /** Signs, uploads and publishes a new firmware; answers its bytes. */
  async release(version: string): Promise<Buffer> {
    const bytes = randomBytes(FIRMWARE_BYTES);
    await this.push(version, bytes);
    await publishRelease(this.client, { product: PRODUCT, version });
    return bytes;
  }

  /** Signs and uploads a firmware; with the same bytes again it goes on where it was interrupted. */
  async push(version: string, bytes: Buffer): Promise<ReleaseView> {
    const file = path.join(this.#home.directory, `firmware-${version}.bin`);
    await writeFile(file, bytes);
    return pushRelease(this.client, {
      product: PRODUCT,
      version,
      sequence: 'auto',
      artifacts: [{ hardware: HARDWARE, file }],
      privateKeyPem: this.#key.privateKeyPem,
    });
  }

  /** Creates and launches a rollout of a published release; answers its id. */
  async rollOut(version: string, document: Readonly<Record<string, unknown>>): Promise<string> {
    const rollout = await this.draft(version, document);
    await launchRollout(this.client, rollout);
    return rollout;
  }

  /** Creates a rollout of a published release; answers its id. */
  async draft(version: string, document: Readonly<Record<string, unknown>>): Promise<string> {
    const whole = { release: `${PRODUCT}/${version}`, ...document };
    const { rollout } = await createRollout(this.client, whole);
    return rollout;
  }

  /** What a URL of AWS answers to whoever has nothing but the URL: a GET, or a PUT of bytes. */
  async reach(url: string, put?: Buffer): Promise<{ status: number; etag: string; body: Buffer }> {
    const method = put === undefined ? 'GET' : 'PUT';
    const headers = put === undefined ? {} : { 'content-length': String(put.length) };
    const asked = request(url, { agent: false, method, headers }).end(put);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    const {
      statusCode = 0,
      headers: { etag = '' },
    } = response;
    return { status: statusCode, etag, body: Buffer.concat(chunks) };
  }

  async stop(): Promise<void> {
    await this.fleet.stop();
    this.client.close();
  }
}
