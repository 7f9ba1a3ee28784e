import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent } from '#device/agent/agent.ts';
import type { RunningImage } from '#device/agent/image.ts';
import type { HttpsDownloader } from '#device/agent/io/https-downloader.ts';
import type { MqttLink } from '#device/agent/io/mqtt-link.ts';
import type { SlotInstaller } from '#device/agent/io/slot-installer.ts';
import { StateFile } from '#device/agent/io/state-file.ts';
import type { AgentNews, Phase } from '#device/agent/machine/state.ts';
import type { AgentSettings } from '#device/agent/settings.ts';
import { isAbsent } from '#shared/program/error-code.ts';
import type { World } from '#shared/world/world.ts';
import { Acting } from './acting.ts';
import type { Behaviour } from './behaviour.ts';

/** Where a simulated device stands, as nobody but the simulation can know. */
export interface DeviceStatus {
  readonly deviceId: string;
  readonly thing: string;
  /** The behaviour that it shows for the release it was offered last. */
  readonly behaviour: string;
  /** What ran at its last boot; absent before the first. */
  readonly version?: string;
  readonly digest?: string;
  readonly confirmed?: boolean;
  /** `off`: stopped, or between two boots. */
  readonly state: 'running' | 'off' | 'bricked';
  readonly phase?: Phase['at'];
  /** Why it is not connected, while it should be. */
  readonly downBecause?: string;
}

/** What makes one device of a fleet: who it is, and what it shares with the others. */
export interface SimulatedDeviceParts {
  readonly deviceId: string;
  readonly thing: string;
  readonly directory: string;
  readonly settings: AgentSettings;
  readonly world: World;
  readonly link: MqttLink;
  readonly downloader: HttpsDownloader;
  readonly installer: SlotInstaller;
  readonly behaviourOf: (targetVersion: string | undefined) => Behaviour;
  readonly onNews: (news: AgentNews) => void;
  readonly onFault: (error: unknown) => void;
}

/** One device of a fleet: the reference agent with parts that act as its behaviour says. */
export class SimulatedDevice {
  readonly #parts: SimulatedDeviceParts;
  readonly #agent: Agent;
  readonly #acting: Acting;
  #image: RunningImage | undefined;
  #isBricked = false;

  constructor(parts: SimulatedDeviceParts) {
    this.#parts = parts;
    const { directory, settings, world, link, downloader, installer, onFault } = parts;
    const statePath = join(directory, 'state.json');
    this.#acting = new Acting(
      { installer, downloader, link },
      {
        world,
        unitMs: settings.timing.backoffUnitMs,
        brick: () => this.#brick().catch(onFault),
        loseState: () => rm(statePath, { force: true }),
        dropLink: (awayMs) => link.drop(awayMs),
      },
      parts.behaviourOf,
    );
    this.#agent = new Agent({
      settings,
      world,
      link: this.#acting.link,
      downloader: this.#acting.downloader,
      installer: this.#acting.installer,
      state: new StateFile(statePath, { durable: false, onFault }),
      onNews: (news) => this.#hear(news),
      onFault,
    });
  }

  get status(): DeviceStatus {
    const { deviceId, thing, link } = this.#parts;
    const { downBecause } = link;
    const phase = this.#agent.state?.phase.at;
    return {
      deviceId,
      thing,
      behaviour: this.#acting.behaviour.name,
      ...(this.#image && {
        version: this.#image.version,
        digest: this.#image.digest,
        confirmed: this.#image.confirmed,
      }),
      state: this.#isBricked ? 'bricked' : this.#agent.isRunning ? 'running' : 'off',
      ...(phase !== undefined && { phase }),
      ...(this.#agent.isRunning && downBecause !== undefined && { downBecause }),
    };
  }

  /** Boots it, unless it was bricked in this or an earlier run. */
  async start(): Promise<void> {
    await mkdir(this.#parts.directory, { recursive: true });
    this.#isBricked ||= await exists(this.#brickMark);
    if (this.#isBricked || this.#agent.isRunning) return;
    await this.#parts.installer.powerOn();
    await this.#agent.start();
  }

  /** Cuts its power. */
  async stop(): Promise<void> {
    await this.#agent.stop();
  }

  get #brickMark(): string {
    return join(this.#parts.directory, 'bricked');
  }

  async #brick(): Promise<void> {
    this.#isBricked = true;
    await this.#agent.stop();
    await writeFile(this.#brickMark, '');
  }

  #hear(news: AgentNews): void {
    if (news.news === 'booted' || news.news === 'confirmed') this.#image = news.image;
    this.#parts.onNews(news);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
