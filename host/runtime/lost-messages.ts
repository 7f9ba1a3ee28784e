import type { World } from '#shared/world/world.ts';

/** Messages of devices since the start: how many were taken, and how many of these nobody came to look at. */
export interface TakenCounts {
  readonly taken: number;
  readonly lost: number;
}

/** Losses are added up for so long: who is told of them is told at most as often. */
const LOOK_EVERY_MS = 10_000;
/**
 * Of a hundred messages one may be lost: two of one device in a row are then lost with one in ten thousand, which is below what rollouts
 * tolerate of failures.
 */
const TOLERATED = 0.01;

/**
 * Sees when the host takes messages of devices that it does not come to look at, as where the machine has too much else to do: a device
 * whose proof is among them is silent for whoever does not know that.
 */
export class LostMessages {
  readonly #counts: () => TakenCounts;
  readonly #world: Pick<World, 'now' | 'monotonicMs'>;
  #before: TakenCounts = { taken: 0, lost: 0 };
  #lookedMonotonicMs: number;

  constructor(counts: () => TakenCounts, world: Pick<World, 'now' | 'monotonicMs'>) {
    this.#counts = counts;
    this.#world = world;
    this.#lookedMonotonicMs = world.monotonicMs();
  }

  /**
   * For how long until now, in milliseconds, so many were lost that a device which nobody heard may have spoken; `undefined` where
   * they were not, or where that was looked for within ten seconds.
   */
  lostForMs(): number | undefined {
    const monotonicMs = this.#world.monotonicMs();
    const forMs = Math.round(monotonicMs - this.#lookedMonotonicMs);
    if (forMs < LOOK_EVERY_MS) return undefined;
    const counts = this.#counts();
    const lost = counts.lost - this.#before.lost;
    const taken = counts.taken - this.#before.taken;
    this.#before = counts;
    this.#lookedMonotonicMs = monotonicMs;
    return lost > taken * TOLERATED ? forMs : undefined;
  }
}
