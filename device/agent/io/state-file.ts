import { readFile, rename } from 'node:fs/promises';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { isAbsent } from '#shared/program/error-code.ts';
import { Kept, NOTHING_KEPT } from '../kept.ts';
import type { StateStore } from '../ports.ts';
import { replaceFile } from './replace-file.ts';

/** A state file is never near that. */
const MAX_BYTES = 65_536;

/**
 * Keeps a device's state in one file, replaced whole: written beside, synced, renamed. A file that cannot be understood is
 * put aside as `<path>.corrupt` and the device begins anew; its floor is then that of the image which runs.
 */
export class StateFile implements StateStore {
  readonly #path: string;
  readonly #durable: boolean;

  /** `durable: false` leaves out the syncs, for simulated fleets whose devices never lose power without their machine. */
  constructor(path: string, { durable = true }: { readonly durable?: boolean } = {}) {
    this.#path = path;
    this.#durable = durable;
  }

  async load(): Promise<Kept> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (isAbsent(error)) return NOTHING_KEPT;
      throw error;
    }
    const kept = Kept.safeParse(text.length > MAX_BYTES ? undefined : parseJson(text));
    if (kept.success) return kept.data;
    await rename(this.#path, `${this.#path}.corrupt`);
    return NOTHING_KEPT;
  }

  async save(kept: Kept): Promise<void> {
    await replaceFile(this.#path, JSON.stringify(kept), { durable: this.#durable });
  }
}
