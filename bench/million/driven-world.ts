import { realWorld } from '#shared/world/real-world.ts';
import type { Cancel, World } from '#shared/world/world.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
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
  /** A binary heap: no timer is later than the two at 2n + 1 and 2n + 2. */
  readonly #heap: Timer[] = [];

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
    this.#push(timer);
    return () => {
      timer.run = undefined;
    };
  }

  endOfTurn(run: () => void): void {
    setImmediate(run);
  }

  /** When the next timer is due, on the monotonic clock; `undefined` where none is. */
  get nextMs(): number | undefined {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (next.run !== undefined) return next.atMs;
      this.#pop();
    }
    return undefined;
  }

  /** Moves the clock on to `atMs` and runs all timers that are due by then. */
  goTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= this.#nowMs; next = this.#heap[0]) {
      this.#pop();
      next.run?.();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(timer, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const moved = heap.pop();
    if (moved === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const isRight = right !== undefined && left !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || !isBefore(child, moved)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = moved;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
