import { pause, type World } from '#shared/world/world.ts';

/** Turns that come at most so many a second, one after the other: what was not used does not add up to a rush. */
export class Pace {
  readonly #gapMs: number;
  readonly #world: World;
  #nextAtMs = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number, world: World) {
    this.#gapMs = 1_000 / perSecond;
    this.#world = world;
  }

  /** Resolves when it is the caller's turn. */
  async turn(): Promise<void> {
    const nowMs = this.#world.monotonicMs();
    const atMs = Math.max(nowMs, this.#nextAtMs);
    this.#nextAtMs = atMs + this.#gapMs;
    if (atMs > nowMs) await pause(this.#world, atMs - nowMs);
  }
}
