import type { World } from '#shared/world/world.ts';

/**
 * Time in which this process has run, since it is all in which anybody could have read what waits: neither a machine that was off nor a
 * clock that jumps, as it does when a machine without one of its own hears what time it is, makes anything older.
 */
export class ServedTime {
  readonly #world: Pick<World, 'now' | 'monotonicMs'>;
  readonly #openedAtMs: number;
  readonly #openedMonotonicMs: number;

  constructor(world: Pick<World, 'now' | 'monotonicMs'>) {
    this.#world = world;
    this.#openedAtMs = world.now();
    this.#openedMonotonicMs = world.monotonicMs();
  }

  /**
   * What was written until then (milliseconds since 1970) is past a retention. Whatever waited when this process began is kept for a
   * whole retention from there.
   */
  retainedFromMs(retentionMs: number): number {
    const servedUntilMs = this.#openedAtMs + this.#world.monotonicMs() - this.#openedMonotonicMs;
    const fromMs = Math.min(this.#world.now(), servedUntilMs) - retentionMs;
    return fromMs < this.#openedAtMs ? Number.NEGATIVE_INFINITY : fromMs;
  }
}
