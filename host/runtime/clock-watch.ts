import type { World } from '#shared/world/world.ts';

/** Sees by how much the wall clock was set while this process ran, which a clock that never jumps tells. */
export class ClockWatch {
  readonly #world: Pick<World, 'now' | 'monotonicMs'>;
  #offsetMs: number;

  constructor(world: Pick<World, 'now' | 'monotonicMs'>) {
    this.#world = world;
    this.#offsetMs = this.#offset();
  }

  /** By how many milliseconds the clock was set ahead since it was last accepted; below 0 where it was put back. */
  setByMs(): number {
    return Math.round(this.#offset() - this.#offsetMs);
  }

  /** From now on the clock is right as it was when it had been set by so many milliseconds; it may have been set again since. */
  accept(setByMs: number): void {
    this.#offsetMs += setByMs;
  }

  #offset(): number {
    return this.#world.now() - this.#world.monotonicMs();
  }
}
