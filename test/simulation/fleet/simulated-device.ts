import { Agent } from '#device/agent/agent.ts';
import type { RunningImage } from '#device/agent/image.ts';
import type { AgentNews } from '#device/agent/machine/state.ts';
import { DownloadError, type Downloader, type Installer } from '#device/agent/ports.ts';
import type { AgentSettings } from '#device/agent/settings.ts';
import type { Behaviour } from '#device/fleet/behaviour.ts';
import { behaviourNamed } from '#device/fleet/behaviours.ts';
import { pause } from '#shared/world/world.ts';
import type { SimulatedHost } from '../host/simulated-host.ts';
import type { WorldView } from '../world/simulated-world.ts';
import type { Broker } from './broker.ts';
import { MemoryLink } from './memory-link.ts';
import { Slots } from './slots.ts';

/** What a device is. */
export interface DeviceTraits {
  readonly tenant: string;
  readonly deviceId: string;
  readonly hardware: string;
  readonly tags: readonly string[];
  readonly factory: RunningImage;
  /** How it behaves when it is updated to a version, by the names of `device/fleet/behaviours.ts`. */
  readonly behaviourOn: (version: string) => string;
  /** Seconds within which it begins what its check is granted at once; absent: it asks in two steps. */
  readonly withinSeconds?: number;
  /** Stretches its waits. */
  readonly slow: number;
  /** When it is switched on for the first time, after the beginning. */
  readonly startsAfterMs: number;
}

/** What a device truly does, for whoever watches. */
export interface DeviceObserver {
  onImage(thing: string, image: RunningImage): void;
  onNews(thing: string, news: AgentNews): void;
  onBricked(thing: string): void;
  onFault(thing: string, error: unknown): void;
}

/** The time that a download takes at most. */
const DOWNLOAD_MS = 20_000;

/** One device: the reference agent, on hardware in memory, acting as its traits say. */
export class SimulatedDevice {
  readonly thing: string;
  readonly traits: DeviceTraits;
  readonly certificateId: string;
  readonly slots: Slots;
  isBricked = false;
  /** No power and no network until told otherwise: on a shelf, in a container. */
  isAway = false;
  /** Never switched on again. */
  isScrapped = false;
  readonly #agent: Agent;
  readonly #world: WorldView;
  readonly #observer: DeviceObserver;
  readonly #host: () => SimulatedHost;
  #backAtMs = 0;
  #behaviour: Behaviour = behaviourNamed('healthy');
  #dressed: Installer;

  constructor(
    traits: DeviceTraits,
    parts: {
      readonly world: WorldView;
      readonly settings: AgentSettings;
      readonly broker: Broker;
      readonly host: () => SimulatedHost;
      readonly certificateId: string;
      readonly observer: DeviceObserver;
      readonly aroundDownloads: (downloader: Downloader) => Downloader;
    },
  ) {
    const { world, settings, broker, host, certificateId, observer } = parts;
    this.thing = `${traits.tenant}:${traits.deviceId}`;
    this.traits = traits;
    this.certificateId = certificateId;
    this.#world = world;
    this.#host = host;
    this.#observer = observer;
    this.slots = new Slots(world, traits.factory, traits.slow, (image) =>
      observer.onImage(this.thing, image),
    );
    this.#dressed = this.slots;
    this.#agent = new Agent({
      settings,
      world,
      link: new MemoryLink(this.thing, certificateId, broker),
      downloader: parts.aroundDownloads(this.#downloader()),
      installer: this.#installer(),
      state: this.slots,
      onNews: (news) => observer.onNews(this.thing, news),
      onFault: (error) => observer.onFault(this.thing, error),
    });
  }

  /** The behaviour that it shows for the release it was offered last. */
  get behaviour(): string {
    return this.#behaviour.name;
  }

  get isRunning(): boolean {
    return this.#agent.isRunning;
  }

  /** Switches it on, unless it is bricked or away. */
  async start(): Promise<void> {
    if (!this.isBricked && !this.isAway && !this.isScrapped) await this.#agent.start();
  }

  /** Throws it away, at whatever it is. */
  async scrap(): Promise<void> {
    this.isScrapped = true;
    await this.stop();
  }

  async stop(): Promise<void> {
    this.slots.cutPower();
    await this.#agent.stop();
  }

  /** Cuts its power for a moment, at whatever it is. */
  async cyclePower(): Promise<void> {
    if (!this.#agent.isRunning) return;
    await this.stop();
    this.slots.powerCycle();
    await this.start();
  }

  /** Takes it away for so long, or for as long as it is away already. */
  async goAway(durationMs: number): Promise<void> {
    this.isAway = true;
    this.#backAtMs = Math.max(this.#backAtMs, this.#world.now() + durationMs);
    await this.stop();
    this.#world.after(durationMs, () => {
      if (this.#world.now() < this.#backAtMs) return;
      this.isAway = false;
      this.slots.powerCycle();
      this.start().catch((error: unknown) => this.#observer.onFault(this.thing, error));
    });
  }

  #installer(): Installer {
    return {
      install: (path, manifest) => {
        this.#behaviour = behaviourNamed(this.traits.behaviourOn(manifest.version));
        this.#dressed = this.#behaviour.installer?.(this.slots, this.#puppet()) ?? this.slots;
        return this.#dressed.install(path, manifest);
      },
      reboot: () => this.#dressed.reboot(),
      runningImage: () => this.#dressed.runningImage(),
      confirm: () => this.#dressed.confirm(),
    };
  }

  #puppet() {
    return {
      world: this.#world,
      unitMs: 5_000,
      brick: () => {
        this.isBricked = true;
        this.#observer.onBricked(this.thing);
        this.stop().catch((error: unknown) => this.#observer.onFault(this.thing, error));
      },
      loseState: () => this.slots.lose(),
      dropLink: async () => undefined,
    };
  }

  /** Gets artifacts over presigned URLs; the path of one is its digest. */
  #downloader(): Downloader {
    return {
      fetch: async ({ url, sha256 }, signal) => {
        await pause(this.#world, this.traits.slow * this.#world.random() * DOWNLOAD_MS);
        if (signal.aborted) throw new DownloadError('network', 'given up');
        const host = this.#host();
        if (!host.isUp) throw new DownloadError('network', 'nobody answers');
        const { status } = host.fetchUrl({ method: 'GET', url });
        if (status === 403) throw new DownloadError('expired', 'the URL has expired');
        if (status !== 200) throw new DownloadError('network', `the bucket answered ${status}`);
        return sha256;
      },
      discard: async () => undefined,
    };
  }
}
