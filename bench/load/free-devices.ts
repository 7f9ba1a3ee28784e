import type { LoadDevice } from './load-device.ts';

/** One question of one device; resolves with its answer. */
export type Asking = (device: LoadDevice) => Promise<void>;

/** Devices that wait for no answer, whoever has rested longest first. */
export class FreeDevices {
  readonly #free: LoadDevice[];
  readonly #wanted: ((device: LoadDevice) => void)[] = [];

  constructor(devices: readonly LoadDevice[]) {
    this.#free = [...devices];
  }

  /** The next device, as soon as there is one. */
  async take(): Promise<LoadDevice> {
    const device = this.#free.shift();
    return device ?? new Promise((resolve) => this.#wanted.push(resolve));
  }

  give(device: LoadDevice): void {
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#free.push(device);
    else wanted(device);
  }
}
