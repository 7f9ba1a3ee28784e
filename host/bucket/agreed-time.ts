import type { World } from '#shared/world/world.ts';

const HOUR_MS = 60 * 60 * 1000;

/** How long a reading of the clock counts: a few rounds of an hour each. */
const COUNTS_FOR_MS = 3 * HOUR_MS;

/** What both clocks said at one moment. */
interface Reading {
  readonly nowMs: number;
  readonly monotonicMs: number;
}

/**
 * The time by which something may be removed for good: the least that any reading of the wall clock in the last hours comes to by now, so that
 * a clock that leaps ahead and is put right again makes nothing old.
 *
 * It costs that removal waits: an hour after each start, so that a host which is started anew more often removes nothing, and up to four hours
 * after a clock that was behind has been put right. A clock that stays ahead for longer than that is believed.
 */
export class AgreedTime {
  readonly #world: Pick<World, 'now' | 'monotonicMs'>;
  #readings: readonly Reading[] = [];

  constructor(world: Pick<World, 'now' | 'monotonicMs'>) {
    this.#world = world;
  }

  /** Reads the clock once more, and answers the time (milliseconds since 1970); `undefined` while no earlier reading bears it out. */
  read(): number | undefined {
    const monotonicMs = this.#world.monotonicMs();
    const earlier = this.#readings.filter((one) => monotonicMs - one.monotonicMs <= COUNTS_FOR_MS);
    this.#readings = [...earlier, { nowMs: this.#world.now(), monotonicMs }];
    if (earlier.length === 0) return undefined;
    return Math.min(...this.#readings.map((one) => one.nowMs + monotonicMs - one.monotonicMs));
  }
}
