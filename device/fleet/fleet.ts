import { mkdir, writeFile } from 'node:fs/promises';
import { Agent as HttpsAgent } from 'node:https';
import { join } from 'node:path';
import { sharedFileDigest } from '#device/agent/io/file-digest.ts';
import { Gate } from '#device/agent/io/gate.ts';
import { HttpsDownloader } from '#device/agent/io/https-downloader.ts';
import { MqttLink } from '#device/agent/io/mqtt-link.ts';
import { SlotInstaller } from '#device/agent/io/slot-installer.ts';
import type { AgentNews } from '#device/agent/machine/state.ts';
import type { AgentTiming } from '#device/agent/settings.ts';
import { splitThing } from '#shared/contracts/names.ts';
import type { World } from '#shared/world/world.ts';
import type { BehaviourOf } from './behaviour.ts';
import { healthy } from './behaviours.ts';
import { type EnrolmentApi, type Identity, identityOf } from './enrol.ts';
import { SharedContent } from './shared-content.ts';
import { type DeviceStatus, SimulatedDevice } from './simulated-device.ts';

/** Where the backend is, as `host.json` of one machine says it. */
export interface Backend {
  /** The name that its certificates say. */
  readonly name: string;
  readonly mqttPort: number;
  readonly httpPort: number;
  /** The certificate that it is trusted by (PEM). */
  readonly authorityPem: string;
  /** A token of a manufacturer or admin: registers devices. */
  readonly token: string;
}

/** Which devices there are, where they connect, and how they behave. */
export interface FleetOptions {
  readonly backend: Backend;
  /** Where devices have their slots, states and keys; the same directory goes on with the same devices. */
  readonly directory: string;
  readonly count: number;
  /** Devices are `<prefix>0001`, `<prefix>0002` and so on. */
  readonly prefix?: string;
  readonly product: string;
  readonly hardware: string;
  readonly tagsOf?: (deviceIndex: number) => readonly string[];
  /** What new devices leave the factory with. */
  readonly factoryVersion: string;
  /** The product's signing keys (SPKI in PEM). */
  readonly trustedKeysPem: readonly string[];
  readonly timing: AgentTiming;
  /** Those that are told take an install that is granted to their check at once, and begin within so many seconds. */
  readonly withinSecondsOf?: (deviceIndex: number) => number | undefined;
  /** How long a boot takes. */
  readonly bootMs: number;
  /** Everybody is healthy unless told. */
  readonly behaviourOf?: BehaviourOf;
  readonly world: World;
  readonly onDeviceEvent?: (event: DeviceEvent) => void;
  /** Hears of what no behaviour explains. */
  readonly onFault: (deviceId: string, error: unknown) => void;
}

/** Something that happened to a device. */
export interface DeviceEvent {
  readonly deviceId: string;
  readonly atMs: number;
  readonly behaviour: string;
  readonly event: AgentNews;
}

const REGISTERING_AT_ONCE = 16;
const CONNECTING_AT_ONCE = 16;
/** Few at once, so that the first are done soon: all share two cores. */
const DOWNLOADING_AT_ONCE = 8;
const IDLE_MS = 30_000;

/** Simulated devices in one process, with real MQTT, TLS and downloads. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #https: HttpsAgent;
  readonly #connecting = new Gate(CONNECTING_AT_ONCE);
  readonly #digestOf = sharedFileDigest();
  readonly #content: SharedContent;
  #devices: SimulatedDevice[] = [];
  /** Of clones; they are in no list of devices, because they have no identity of their own. */
  #twins: SimulatedDevice[] = [];
  /** May be replaced at any time. */
  onDeviceEvent: (event: DeviceEvent) => void;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#https = new HttpsAgent({
      ca: options.backend.authorityPem,
      keepAlive: true,
      maxSockets: DOWNLOADING_AT_ONCE,
    });
    this.#content = new SharedContent(join(options.directory, 'content'));
    this.onDeviceEvent = options.onDeviceEvent ?? (() => undefined);
  }

  /** Where each device stands. */
  get devices(): readonly DeviceStatus[] {
    return this.#devices.map(({ status }) => status);
  }

  /** Registers who is missing and boots all. Rejects when a device cannot be registered. */
  async start(): Promise<void> {
    const factoryImage = await this.#factoryImage();
    const registering = new Gate(REGISTERING_AT_ONCE);
    const indexes = Array.from({ length: this.#options.count }, (_, index) => index);
    const made = await Promise.all(
      indexes.map((index) => registering.run(() => this.#make(index, factoryImage))),
    );
    this.#devices = made.map(({ device }) => device);
    this.#twins = made.flatMap(({ twin }) => twin ?? []);
    await Promise.all([...this.#devices, ...this.#twins].map((device) => device.start()));
  }

  /** Cuts the power of all. */
  async stop(): Promise<void> {
    await Promise.all([...this.#devices, ...this.#twins].map((device) => device.stop()));
    this.#https.destroy();
  }

  async #make(
    index: number,
    factoryImage: string,
  ): Promise<{ readonly device: SimulatedDevice; readonly twin?: SimulatedDevice }> {
    const { backend, directory, prefix = 'device-', product, hardware, tagsOf } = this.#options;
    const deviceId = `${prefix}${String(index + 1).padStart(4, '0')}`;
    const home = join(directory, 'devices', deviceId);
    const api: EnrolmentApi = {
      host: backend.name,
      port: backend.httpPort,
      token: backend.token,
      agent: this.#https,
    };
    const tags = tagsOf?.(index) ?? [];
    const identity = await identityOf(home, { deviceId, product, hardware, tags }, api);
    const device = await this.#build(index, deviceId, home, identity, factoryImage);
    if (this.#behaviour(index, undefined).isCloned !== true) return { device };
    return { device, twin: await this.#build(index, deviceId, `${home}-twin`, identity, factoryImage) };
  }

  async #build(
    index: number,
    deviceId: string,
    directory: string,
    { thing, certificate, privateKey }: Identity,
    factoryImage: string,
  ): Promise<SimulatedDevice> {
    const { backend, product, hardware, world, timing, trustedKeysPem } = this.#options;
    const installer = new SlotInstaller({
      directory,
      hardware,
      world,
      bootMs: this.#options.bootMs,
      shareBytes: true,
      digestOf: this.#digestOf,
    });
    await installer.provision(factoryImage, this.#options.factoryVersion);
    const link = new MqttLink({
      host: backend.name,
      port: backend.mqttPort,
      thing,
      tenant: splitThing(thing).tenant,
      product,
      hardware,
      world,
      certificatePem: certificate,
      privateKeyPem: privateKey,
      authorityPem: backend.authorityPem,
      reconnectUnitMs: Math.min(1_000, timing.backoffUnitMs),
      connecting: this.#connecting,
    });
    const withinSeconds = this.#options.withinSecondsOf?.(index);
    const partials = this.#content.partials();
    const device: SimulatedDevice = new SimulatedDevice({
      deviceId,
      thing,
      directory,
      world,
      link,
      installer,
      settings: {
        product,
        hardware,
        trustedKeysPem,
        timing,
        ...(withinSeconds !== undefined && { withinSeconds }),
      },
      downloader: new HttpsDownloader({ partials, world, agent: this.#https, idleMs: IDLE_MS }),
      behaviourOf: (version) => this.#behaviour(index, version),
      onNews: (event) =>
        this.onDeviceEvent({ deviceId, atMs: world.now(), behaviour: device.status.behaviour, event }),
      onFault: (error) => this.#options.onFault(deviceId, error),
    });
    return device;
  }

  #behaviour(index: number, version: string | undefined) {
    return this.#options.behaviourOf?.(index, version) ?? healthy;
  }

  async #factoryImage(): Promise<string> {
    const { directory, product, hardware, factoryVersion } = this.#options;
    const images = join(directory, 'factory');
    await mkdir(images, { recursive: true, mode: 0o700 });
    const path = join(images, factoryVersion);
    await writeFile(path, `factory image of ${product} ${factoryVersion} for ${hardware}\n`);
    return path;
  }
}
