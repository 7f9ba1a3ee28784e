import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BehaviourOf } from '#device/fleet/behaviour.ts';
import { Fleet } from '#device/fleet/fleet.ts';
import { readHostDirectory } from '#device/fleet/host-directory.ts';
import { HostProcess } from '#host/host-process.ts';
import { CreateProduct } from '#shared/contracts/api/firmware.ts';
import { lastingPort } from '#shared/program/testing/lasting-port.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { createRollout } from '../../cli/actions/create-rollout.ts';
import { localTarget, openClient } from '../../cli/actions/log-in.ts';
import { pushRelease } from '../../cli/actions/push-release.ts';
import { publishRelease } from '../../cli/actions/releases.ts';
import { launchRollout } from '../../cli/actions/rollouts.ts';
import { addSigningKey, newSigningKey, type SigningKey } from '../../cli/actions/signing-keys.ts';
import type { ApiClient } from '../../cli/api-client.ts';

/** Device times on a scale of seconds. */
const TIMING = {
  checkIntervalMs: 1_000,
  backoffUnitMs: 300,
  permitAnswerMs: 10_000,
  rebootAckMs: 2_000,
  selfTestMs: 600_000,
  retryAfterSecondMs: 1_000,
  leastRetryMs: 200,
};
const FIRMWARE_BYTES = 200_000;

/** A rollout to all at once that no rate of failures stops here: for what becomes of each single device. */
export const JUDGES_EACH_DEVICE = {
  stages: [{ name: 'all', percent: '100%' }],
  halt: {
    failureRate: '50%',
    lostRate: '50%',
    suspectAtLeast: '2s',
    silentAfter: '12s',
    installWithin: '10s',
  },
  pace: { firstWindow: 50 },
  permitFor: '20s',
  settle: '60s',
};

/** A host in a process of its own and a fleet on real MQTT, TLS and downloads, as users have them. */
export class ServedFleet {
  readonly client: ApiClient;
  readonly fleet: Fleet;
  readonly #directory: string;
  readonly #key: SigningKey;
  #host: HostProcess;

  private constructor(parts: {
    client: ApiClient;
    fleet: Fleet;
    directory: string;
    key: SigningKey;
    host: HostProcess;
  }) {
    this.client = parts.client;
    this.fleet = parts.fleet;
    this.#directory = parts.directory;
    this.#key = parts.key;
    this.#host = parts.host;
  }

  /** Starts host (with further options of its program) and fleet; devices are `cam-0001` and so on, of product `cam`, on version 1.0.0. */
  static async start(
    devices: number,
    behaviourOf?: BehaviourOf,
    withinSecondsOf?: (deviceIndex: number) => number | undefined,
    hostOptions: readonly string[] = [],
  ): Promise<ServedFleet> {
    const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-e2e-'));
    // It comes back to them.
    const ports = { mqttPort: await lastingPort(), httpPort: await lastingPort() };
    const host = await HostProcess.start(path.join(directory, 'host'), ports, hostOptions);
    const client = await openClient(localTarget(host.directory), realWorld);
    const key = newSigningKey();
    await client.call(CreateProduct, { body: { product: 'cam', hardware: ['cam-rev-b'] } });
    await addSigningKey(client, { product: 'cam', name: 'main', publicKeyPem: key.publicKeyPem });
    const fleet = new Fleet({
      backend: await readHostDirectory(host.directory),
      directory: path.join(directory, 'fleet'),
      count: devices,
      prefix: 'cam-',
      product: 'cam',
      hardware: 'cam-rev-b',
      factoryVersion: '1.0.0',
      trustedKeysPem: [key.publicKeyPem],
      timing: TIMING,
      bootMs: 200,
      ...(behaviourOf && { behaviourOf }),
      ...(withinSecondsOf && { withinSecondsOf }),
      world: realWorld,
      onFault: (deviceId, error) => {
        throw new Error(`${deviceId} failed`, { cause: error });
      },
    });
    await fleet.start();
    return new ServedFleet({ client, fleet, directory, key, host });
  }

  /** Pushes and publishes `cam/<version>` and launches a rollout of it; answers the rollout's id. */
  async rollOut(version: string, document: Record<string, unknown>): Promise<string> {
    const file = path.join(this.#directory, `firmware-${version}.bin`);
    await writeFile(file, randomBytes(FIRMWARE_BYTES));
    const push = {
      product: 'cam',
      version,
      sequence: 'auto',
      privateKeyPem: this.#key.privateKeyPem,
    } as const;
    await pushRelease(this.client, { ...push, artifacts: [{ hardware: 'cam-rev-b', file }] });
    await publishRelease(this.client, { product: 'cam', version });
    const { rollout } = await createRollout(this.client, {
      release: `cam/${version}`,
      selector: 'all',
      ...document,
    });
    await launchRollout(this.client, rollout);
    return rollout;
  }

  /** Ends the host as a power cut would. */
  kill(): Promise<void> {
    return this.#host.kill();
  }

  /** Starts it again on the same data and ports. */
  async restart(): Promise<void> {
    this.#host = await this.#host.restart();
  }

  /** What the host keeps. */
  get data(): string {
    return this.#host.directory;
  }

  /** Starts the host, which has ended, on the same ports with other data. */
  async restartOn(data: string): Promise<void> {
    this.#host = await HostProcess.start(data, this.#host.serving);
  }

  /** Ends everything and removes what it left. */
  async stop(): Promise<void> {
    await this.fleet.stop();
    await this.#host.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
