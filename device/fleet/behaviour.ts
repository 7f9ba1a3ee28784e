import type { HttpsDownloader } from '#device/agent/io/https-downloader.ts';
import type { MqttLink } from '#device/agent/io/mqtt-link.ts';
import type { Downloader, Installer, Link } from '#device/agent/ports.ts';
import type { World } from '#shared/world/world.ts';

/** What a behaviour may do to the device that it plays. */
export interface Puppet {
  readonly world: World;
  /** One protocol minute of this fleet: behaviours take their times from it. */
  readonly unitMs: number;
  /** Cuts the power for ever. */
  brick(): void;
  /** Forgets everything that the device kept. */
  loseState(): Promise<void>;
  /** Breaks the connection off for so long. */
  dropLink(awayMs: number): Promise<void>;
}

/** How a simulated device departs from a healthy one: decorators around what the agent works with, never branches in it. */
export interface Behaviour {
  readonly name: string;
  readonly installer?: (inner: Installer, puppet: Puppet) => Installer;
  readonly downloader?: (inner: HttpsDownloader, puppet: Puppet) => Downloader;
  readonly link?: (inner: MqttLink, puppet: Puppet) => Link;
  /** A second device with the same identity runs beside it. */
  readonly isCloned?: boolean;
}

/**
 * Which behaviour a device shows; `targetVersion` is that of the release it is being updated to, absent before the first.
 * Asked again for every release, so that half of a fleet may brick on one version and be healthy on the next.
 */
export type BehaviourOf = (deviceIndex: number, targetVersion: string | undefined) => Behaviour;
