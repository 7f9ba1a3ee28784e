import type { Cancel, World } from '#shared/world/world.ts';

/** Less than that within a window is no progress: 17 bytes a second where the window is a minute. */
const LEAST_BYTES = 1_024;

/** Sees to it that something comes: a server that says a byte now and then would hold a download for months. */
export class Pace {
  readonly #world: Pick<World, 'after'>;
  readonly #windowMs: number;
  readonly #onStall: (error: Error) => void;
  #cameBytes = 0;
  #cancel: Cancel = () => undefined;

  /** `onStall` is called once, when less than `LEAST_BYTES` came within a window. */
  constructor(world: Pick<World, 'after'>, windowMs: number, onStall: (error: Error) => void) {
    this.#world = world;
    this.#windowMs = windowMs;
    this.#onStall = onStall;
  }

  /** Begins a window, whatever came before. */
  begin(): void {
    this.end();
    this.#cameBytes = 0;
    this.#cancel = this.#world.after(this.#windowMs, () => {
      if (this.#cameBytes >= LEAST_BYTES) this.begin();
      else this.#onStall(new Error(`only ${this.#cameBytes} bytes came within ${this.#windowMs} ms`));
    });
  }

  came(bytes: number): void {
    this.#cameBytes += bytes;
  }

  end(): void {
    this.#cancel();
  }
}
