import type { World } from '#shared/world/world.ts';

/** A clock that is set by more than this has jumped; by less, as time servers do, nobody draws conclusions from it. */
const JUMP_MS = 60_000;

/** Whether a clock that was set by so many milliseconds has jumped. */
export const isJump = (setByMs: number): boolean => Math.abs(setByMs) > JUMP_MS;

/** Sees by how much the wall clock was set while this process ran, which a clock that never jumps tells. */
export class ClockWatch {
  readonly #world: Pick<World, 'now' | 'monotonicMs'>;
  #offsetMs: number;

  constructor(world: Pick<World, 'now' | 'monotonicMs'>) {
    this.#world = world;
    this.#offsetMs = world.now() - world.monotonicMs();
  }

  /** By how many milliseconds the clock, which says `nowMs`, was set ahead since it was last accepted; below 0 where it was put back. */
  setByMs(nowMs = this.#world.now()): number {
    return Math.round(nowMs - this.#world.monotonicMs() - this.#offsetMs);
  }

  /** Whether it has jumped since it was last accepted. */
  get hasJumped(): boolean {
    return isJump(this.setByMs());
  }

  /** The time, milliseconds since 1970; by the clock before where it has jumped, until that is accepted. */
  acceptedMs(): number {
    const nowMs = this.#world.now();
    const setByMs = this.setByMs(nowMs);
    return isJump(setByMs) ? nowMs - setByMs : nowMs;
  }

  /** From now on the clock is right as it was when it had been set by so many milliseconds; it may have been set again since. */
  accept(setByMs: number): void {
    this.#offsetMs += setByMs;
  }
}
