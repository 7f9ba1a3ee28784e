import { copyFile, link, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Manifest } from '#shared/contracts/manifest.ts';
import { Sha256, VersionText } from '#shared/contracts/names.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { errorCode, isAbsent } from '#shared/program/error-code.ts';
import { pause, type World } from '#shared/world/world.ts';
import type { RunningImage } from '../image.ts';
import { InstallError, type Installer } from '../ports.ts';
import { type FileDigest, fileDigest } from './file-digest.ts';
import { isFull } from './file-errors.ts';
import { replaceFile, syncToDisk } from './replace-file.ts';

const Slot = z.strictObject({
  version: VersionText,
  sequence: z.number().int().min(0),
  /** What was signed for it; absent for what came from the factory, which is never on trial. */
  sha256: Sha256.optional(),
});
type Slot = z.infer<typeof Slot>;
/** What a boot loader keeps: which slot runs, what is in both, and whether the running one is on trial. */
const BootFile = z.strictObject({
  active: z.enum(['a', 'b']),
  slots: z.strictObject({ a: Slot.optional(), b: Slot.optional() }),
  /** Written and not booted yet. */
  next: z.enum(['a', 'b']).optional(),
  /** The active slot is given up at the next boot unless it is confirmed before. */
  trial: z.boolean(),
});
type BootFile = z.infer<typeof BootFile>;

/** Where the slots lie, and what the installer works with. */
export interface SlotInstallerOptions {
  /** The device's own directory: `slot-a`, `slot-b`, `boot.json`. */
  readonly directory: string;
  /** Which artifact of a manifest is for this device. */
  readonly hardware: string;
  readonly world: World;
  /** How long a boot takes. */
  readonly bootMs: number;
  /** Slots are hard links to the downloaded file instead of copies: for fleets that share one disk. */
  readonly shareBytes?: boolean;
  readonly digestOf?: FileDigest;
  /** Removes from that disk what can come again. Called where it is full and an image is to be booted, given up or made permanent. */
  readonly makeRoom?: () => Promise<void>;
}

/**
 * Two slots on files, as MCUboot and RAUC have them in flash: an update goes to the slot that does not run, is booted on
 * trial, and falls back at the next boot unless it was confirmed. What runs is told by reading the bytes in the slot, and they are held
 * against the signed digest when they are written, before they are booted and before they are confirmed: a permit may be days younger
 * than its download, and power is lost at any moment.
 */
export class SlotInstaller implements Installer {
  readonly #options: SlotInstallerOptions;
  readonly #digestOf: FileDigest;
  #boots = 0;

  constructor(options: SlotInstallerOptions) {
    this.#options = options;
    this.#digestOf = options.digestOf ?? fileDigest;
  }

  /** Gives a new device the image that it leaves the factory with; a device that has one keeps it. */
  async provision(imagePath: string, version: string): Promise<void> {
    await mkdir(this.#options.directory, { recursive: true });
    if ((await this.#readIfPresent()) !== undefined) return;
    await this.#fill('a', imagePath);
    await this.#write({ active: 'a', slots: { a: { version, sequence: 0 } }, trial: false });
  }

  async install(path: string, { version, sequence, artifacts }: Manifest): Promise<void> {
    const { hardware } = this.#options;
    const sha256 = artifacts.find((artifact) => artifact.hardware === hardware)?.sha256;
    if (sha256 === undefined) throw new InstallError('mismatch', `nothing was signed for ${hardware}`);
    const state = await this.#read();
    const target = other(state.active);
    // The slot is not bootable while it is being written.
    const { next: _, ...rest } = state;
    const running = state.slots[state.active];
    const emptied = { ...rest, slots: running === undefined ? {} : { [state.active]: running } };
    const slot = { version, sequence, sha256 };
    try {
      await this.#write(emptied);
      await this.#fill(target, path);
      await this.#expectSigned(target, slot);
      await this.#write({ ...rest, slots: { ...state.slots, [target]: slot }, next: target });
    } catch (error) {
      if (await this.#isStillNext(target, emptied)) return;
      if (error instanceof InstallError) throw error;
      throw new InstallError(isFull(error) ? 'no-space' : 'flash-write', String(error), { cause: error });
    }
  }

  /**
   * Whether the next boot takes that slot whatever is said, after an install that has failed: the file may name it already, where only its
   * directory was not synced, and a disk that fails may not take the name back. What is said to have failed must never be booted.
   */
  async #isStillNext(target: BootFile['active'], emptied: BootFile): Promise<boolean> {
    try {
      await this.#write(emptied);
      return false;
    } catch {
      return (await this.#read()).next === target;
    }
  }

  async reboot(): Promise<void> {
    await pause(this.#options.world, this.#options.bootMs);
    await this.powerOn();
  }

  /**
   * A program that was told to stop and started again, while the machine ran on: no boot loader has seen that, and what is on trial stays on
   * trial. What was written and is to be booted, only a boot can bring.
   */
  async goOn(): Promise<void> {
    const { next } = await this.#read();
    if (next !== undefined) await this.powerOn();
  }

  /**
   * What the boot loader does before any program runs, whether somebody rebooted or power was lost: takes what was written on trial, and gives
   * up what was on trial already.
   */
  async powerOn(): Promise<void> {
    this.#boots += 1;
    const { next, ...rest } = await this.#read();
    if (next !== undefined && (await this.#isAsSigned(next, rest.slots[next])))
      await this.#switchTo({ ...rest, active: next, trial: true });
    else if (next !== undefined) await this.#switchTo(rest);
    else if (rest.trial) await this.#switchTo({ ...rest, active: other(rest.active), trial: false });
  }

  /** Where only the last sync failed it is done: to do it again would give up what was never tried. */
  async #switchTo(state: BootFile): Promise<void> {
    try {
      await this.#insistOn(state);
    } catch (error) {
      if (!isDeepStrictEqual(await this.#read(), state)) throw error;
    }
  }

  async runningImage(): Promise<RunningImage> {
    const { active, slots, trial } = await this.#read();
    const slot = slots[active];
    if (slot === undefined) throw new InstallError('no-image', `slot ${active} holds no image`);
    const digest = await this.#digestOf(this.#slotPath(active));
    const { version, sequence } = slot;
    return { version, sequence, digest, confirmed: !trial };
  }

  async confirm(): Promise<void> {
    const boots = this.#boots;
    const state = await this.#read();
    if (!state.trial) return;
    await this.#expectSigned(state.active, state.slots[state.active]);
    // On hardware nothing of a boot goes on in the next one.
    if (boots !== this.#boots) throw new InstallError('interrupted', 'the device has rebooted since');
    await this.#insistOn({ ...state, trial: false });
  }

  /** Without that the device does not boot, or gives up an image that works: a full disk gives its downloads for it. */
  async #insistOn(state: BootFile): Promise<void> {
    const { makeRoom } = this.#options;
    try {
      await this.#write(state);
    } catch (error) {
      if (makeRoom === undefined || !isFull(error)) throw error;
      await makeRoom();
      await this.#write(state);
    }
  }

  async #expectSigned(slot: 'a' | 'b', kept: Slot | undefined): Promise<void> {
    if (!(await this.#isAsSigned(slot, kept)))
      throw new InstallError('mismatch', `the bytes in slot ${slot} are not those that were signed`);
  }

  /** A slot that cannot be read does not hold what was signed either. */
  async #isAsSigned(slot: 'a' | 'b', kept: Slot | undefined): Promise<boolean> {
    try {
      return (await this.#digestOf(this.#slotPath(slot))) === kept?.sha256;
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return false;
    }
  }

  async #fill(slot: 'a' | 'b', path: string): Promise<void> {
    const target = this.#slotPath(slot);
    await rm(target, { force: true });
    if (this.#options.shareBytes === true) {
      await link(path, target);
      return;
    }
    await copyFile(path, target);
    await syncToDisk(target);
    await syncToDisk(this.#options.directory);
  }

  #slotPath(slot: 'a' | 'b'): string {
    return join(this.#options.directory, `slot-${slot}`);
  }

  async #read(): Promise<BootFile> {
    const state = await this.#readIfPresent();
    if (state === undefined) throw new InstallError('no-image', 'the device was never given an image');
    return state;
  }

  async #readIfPresent(): Promise<BootFile | undefined> {
    const path = join(this.#options.directory, 'boot.json');
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    const read = BootFile.safeParse(parseJson(text));
    if (read.success) return read.data;
    throw new ConfigurationError(`${path} cannot be understood: without it the device is a new one`);
  }

  async #write(state: BootFile): Promise<void> {
    const { directory, shareBytes = false } = this.#options;
    await replaceFile(join(directory, 'boot.json'), JSON.stringify(state), { durable: !shareBytes });
  }
}

const other = (slot: 'a' | 'b'): 'a' | 'b' => (slot === 'a' ? 'b' : 'a');
