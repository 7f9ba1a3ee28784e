import { readFile, rename } from 'node:fs/promises';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import { isAbsent } from '#shared/program/error-code.ts';
import { Kept, NOTHING_KEPT } from '../kept.ts';
import type { StateStore } from '../ports.ts';
import { isUnreadable } from './file-errors.ts';
import { replaceFile } from './replace-file.ts';

/** A state file is never near that. */
const MAX_BYTES = 65_536;

/** How a state file is kept. */
interface StateFileOptions {
  /** `false` leaves out the syncs, for simulated fleets whose devices never lose power without their machine. */
  readonly durable?: boolean;
  /** Hears that what was kept is lost, and why it could not be put aside. */
  readonly onFault?: (error: unknown) => void;
}

/**
 * Keeps a device's state in one file, replaced whole: written beside, synced, renamed. A file that cannot be read or understood is put
 * aside as `<path>.corrupt`, where the disk takes that, and the device begins anew; its floor is then that of the image which runs.
 */
export class StateFile implements StateStore {
  readonly #path: string;
  readonly #durable: boolean;
  readonly #onFault: (error: unknown) => void;

  constructor(path: string, { durable = true, onFault = () => undefined }: StateFileOptions = {}) {
    this.#path = path;
    this.#durable = durable;
    this.#onFault = onFault;
  }

  async load(): Promise<Kept> {
    try {
      const text = await readFile(this.#path, 'utf8');
      const kept = Kept.safeParse(text.length > MAX_BYTES ? undefined : parseJson(text));
      if (kept.success) return kept.data;
      await this.#putAside('cannot be understood');
    } catch (error) {
      if (isAbsent(error)) return NOTHING_KEPT;
      if (!isUnreadable(error)) throw error;
      await this.#putAside(`cannot be read (${faultOf(error).message})`);
    }
    return NOTHING_KEPT;
  }

  async save(kept: Kept): Promise<void> {
    await replaceFile(this.#path, JSON.stringify(kept), { durable: this.#durable });
  }

  /** A file system that is damaged is often read-only from then on: the device is to be heard of all the same. */
  async #putAside(why: string): Promise<void> {
    this.#onFault(new Error(`${this.#path} ${why}: what the device kept is lost`));
    try {
      await rename(this.#path, `${this.#path}.corrupt`);
    } catch (error) {
      this.#onFault(error);
    }
  }
}
