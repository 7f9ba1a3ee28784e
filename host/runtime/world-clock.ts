import type { Clock } from '#shared/capabilities/clock.ts';
import { pause, type World } from '#shared/world/world.ts';

/** The world's time, as functions see it. */
export class WorldClock implements Clock {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  now(): number {
    return this.#world.now();
  }

  pause(delayMs: number): Promise<void> {
    return pause(this.#world, delayMs);
  }
}
