import { type Due, DueHeap } from '#shared/world/due-heap.ts';
import { realWorld } from '#shared/world/real-world.ts';
import type { Cancel, World } from '#shared/world/world.ts';

interface Timer extends Due {
  run: (() => void) | undefined;
}

/** 2026-12-01T00:00:00Z. */
const START_MS = Date.UTC(2026, 11, 1);

/**
 * A world whose clock stands still while anything runs and then jumps to the next timer, so that hours in the field cost only
 * the work that is done in them. Turns of the event loop and chance are the machine's own, as in production.
 */
export class DrivenWorld implements World {
  #nowMs = 0;
  #order = 0;
  readonly #timers = new DueHeap<Timer>();

  now(): number {
    return START_MS + Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  randomBytes(count: number): Uint8Array {
    return realWorld.randomBytes(count);
  }

  random(): number {
    return Math.random();
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#timers.add(timer);
    return () => {
      timer.run = undefined;
    };
  }

  endOfTurn(run: () => void): void {
    setImmediate(run);
  }

  /** When the next timer is due, on the monotonic clock; `undefined` where none is. */
  get nextMs(): number | undefined {
    for (let next = this.#timers.first; next !== undefined; next = this.#timers.first) {
      if (next.run !== undefined) return next.atMs;
      this.#timers.removeFirst();
    }
    return undefined;
  }

  /** Moves the clock on to `atMs` and runs all timers that are due by then. */
  goTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    for (
      let next = this.#timers.first;
      next !== undefined && next.atMs <= this.#nowMs;
      next = this.#timers.first
    ) {
      this.#timers.removeFirst();
      next.run?.();
    }
  }
}
