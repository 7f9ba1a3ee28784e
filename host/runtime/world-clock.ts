import type { Clock } from '#shared/capabilities/clock.ts';
import { pause, type World } from '#shared/world/world.ts';
import type { ClockWatch } from './clock-watch.ts';

/** The time, as functions see it: it jumps only once whoever draws conclusions from time has been told. */
export class WorldClock implements Clock {
  readonly #world: Pick<World, 'after'>;
  readonly #watch: ClockWatch;

  constructor(world: Pick<World, 'after'>, watch: ClockWatch) {
    this.#world = world;
    this.#watch = watch;
  }

  now(): number {
    return this.#watch.acceptedMs();
  }

  pause(delayMs: number): Promise<void> {
    return pause(this.#world, delayMs);
  }
}
