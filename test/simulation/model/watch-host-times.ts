import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { Known } from './known.ts';

/** Watches when devices could be heard: when the host was down, and how its clock was set. */
export class HostTimes {
  readonly #world: SimulatedWorld;
  readonly #known: Known;
  /** When the clock was set ahead with no function begun since: how far ahead it was before that, and since when the host had been heard. */
  #leap: { readonly atMs: number; readonly aheadMs: number; readonly upSinceMs: number } | undefined;

  constructor(world: SimulatedWorld, known: Known) {
    this.#world = world;
    this.#known = known;
  }

  /** The host has lost its power. */
  onCrash(): void {
    this.#known.hasBeenDown = true;
    this.#known.downs.push({ fromMs: this.#world.nowMs, untilMs: Number.POSITIVE_INFINITY });
  }

  /** The host starts, and tells for how long nobody was heard before anything else. */
  onStart(): void {
    const last = this.#known.downs.at(-1);
    if (last !== undefined) last.untilMs = Math.min(last.untilMs, this.#world.nowMs);
  }

  onBegan(): void {
    // What begins in the very instant of a leap may have been given the time before it.
    if (this.#leap !== undefined && this.#world.nowMs > this.#leap.atMs) this.#leap = undefined;
  }

  /** The clock of the host was set: time that it was set ahead over is as time in which nobody could hear. */
  onClockSet(aheadMs: number): void {
    const nowMs = this.#world.nowMs;
    const { clock, upSinceMs } = this.#known;
    const before = { atMs: nowMs, aheadMs: clock.aheadMs, upSinceMs };
    clock.set(nowMs, aheadMs);
    this.#known.interruptions += 1;
    if (!clock.hasLeapt) {
      // What was taken back before any function saw it kept nobody from hearing.
      if (this.#leap !== undefined && aheadMs <= this.#leap.aheadMs)
        this.#known.upSinceMs = this.#leap.upSinceMs;
      return;
    }
    this.#leap ??= before;
    this.#known.upSinceMs = nowMs;
    this.#known.hasBeenDown = true;
  }

  /** The host serves again. */
  onServing(): void {
    this.#known.upSinceMs = this.#world.nowMs;
    if (this.#known.hasBeenDown) this.#known.interruptions += 1;
  }
}
