import type { RunningImage } from '#device/agent/image.ts';
import type { Kept } from '#device/agent/kept.ts';
import { NOTHING_KEPT } from '#device/agent/kept.ts';
import type { Installer, StateStore } from '#device/agent/ports.ts';
import type { Manifest } from '#shared/contracts/manifest.ts';
import { pause } from '#shared/world/world.ts';
import type { WorldView } from '../world/simulated-world.ts';

/** How long the steps of an install take at least and at most, in milliseconds. */
const INSTALL_MS = [2_000, 40_000] as const;
const REBOOT_MS = [1_000, 20_000] as const;
const SELF_TEST_MS = [500, 5_000] as const;

/** The flash of a device, in memory: two slots and a boot loader that gives an unconfirmed image one boot. */
export class Slots implements Installer, StateStore {
  readonly #world: WorldView;
  readonly #slow: number;
  /** The permanent image. */
  #permanent: RunningImage;
  /** Waits for the next boot, or is on trial in this one. */
  #trial: { readonly image: RunningImage; booted: boolean } | undefined;
  #kept: Kept = NOTHING_KEPT;
  #boot = 0;
  readonly #onImage: (image: RunningImage) => void;

  /** `slow` stretches every wait; `onImage` hears what truly runs after each boot and each confirmation. */
  constructor(world: WorldView, factory: RunningImage, slow: number, onImage: (image: RunningImage) => void) {
    this.#world = world;
    this.#permanent = factory;
    this.#slow = slow;
    this.#onImage = onImage;
  }

  /** What truly runs. */
  get image(): RunningImage {
    return this.#trial?.booted ? this.#trial.image : this.#permanent;
  }

  /** `digest` is the path that the simulated downloads answer with: the sha256 of what was fetched. */
  async install(digest: string, { version, sequence }: Manifest): Promise<void> {
    await this.#wait(INSTALL_MS);
    this.#trial = { image: { version, digest, sequence, confirmed: false }, booted: false };
  }

  async reboot(): Promise<void> {
    await this.#wait(REBOOT_MS);
    this.powerCycle();
  }

  /** Ends the boot: whatever was under way never comes to its end. */
  cutPower(): void {
    this.#boot += 1;
  }

  /** What a boot does to the slots: a trial that was not confirmed is given up. */
  powerCycle(): void {
    this.cutPower();
    if (this.#trial?.booted) this.#trial = undefined;
    else if (this.#trial !== undefined) this.#trial.booted = true;
    this.#onImage(this.image);
  }

  async runningImage(): Promise<RunningImage> {
    return this.image;
  }

  async confirm(): Promise<void> {
    await this.#wait(SELF_TEST_MS);
    if (!this.#trial?.booted) return;
    this.#permanent = { ...this.#trial.image, confirmed: true };
    this.#trial = undefined;
    this.#onImage(this.image);
  }

  async load(): Promise<Kept> {
    return this.#kept;
  }

  async save(kept: Kept): Promise<void> {
    this.#kept = kept;
  }

  /** Forgets everything that was kept. */
  async lose(): Promise<void> {
    this.#kept = NOTHING_KEPT;
  }

  async #wait([least, most]: readonly [number, number]): Promise<void> {
    const boot = this.#boot;
    await pause(this.#world, this.#slow * (least + this.#world.random() * (most - least)));
    if (boot !== this.#boot) await new Promise(() => undefined);
  }
}
