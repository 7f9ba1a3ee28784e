import { createHash } from 'node:crypto';
import { type Due, isBefore } from './due-heap.ts';
import type { Cancel, World } from './world.ts';

interface Waiting extends Due {
  readonly run: () => void;
}

/**
 * A world whose time moves only when told to, and whose chance comes from one seed: for tests and the simulation.
 * `settle()` lets promises settle with the real `setImmediate`, which is the only thing it takes from outside.
 */
export class VirtualWorld implements World {
  #nowMs: number;
  readonly #startMs: number;
  #aheadMs = 0;
  readonly #seed: string;
  #drawn = 0;
  #order = 0;
  #waiting: Waiting[] = [];
  #endOfTurn: (() => void)[] = [];

  /** `seed` decides all chance; `startMs` is the first wall-clock time, 2026-01-01T00:00:00Z unless told. */
  constructor(seed = 'evenkeel', startMs = Date.UTC(2026, 0, 1)) {
    this.#seed = seed;
    this.#nowMs = startMs;
    this.#startMs = startMs;
  }

  now(): number {
    // As of the real clock, whole milliseconds: timers of random length end in between.
    return Math.floor(this.#nowMs) + this.#aheadMs;
  }

  /** Somebody sets the clock of the wall, by so many milliseconds ahead, or back where that is below 0. */
  putClock(byMs: number): void {
    this.#aheadMs += byMs;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  randomBytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 32) {
      bytes.set(this.#draw().subarray(0, Math.min(32, count - at)), at);
    }
    return bytes;
  }

  random(): number {
    return this.#draw().readUInt32BE(0) / 2 ** 32;
  }

  after(delayMs: number, run: () => void): Cancel {
    const waiting = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#waiting.push(waiting);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
    };
  }

  endOfTurn(run: () => void): void {
    this.#endOfTurn.push(run);
  }

  /** Ends turns until nothing is left to run at the present time. */
  async settle(): Promise<void> {
    for (let idleTurns = 0; idleTurns < 3; idleTurns++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const ending = this.#endOfTurn.splice(0);
      for (const run of ending) run();
      if (ending.length > 0 || this.#runDue()) idleTurns = -1;
    }
  }

  /** Moves time forward by `durationMs`, running everything that falls due on the way, in order of time. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await this.settle();
    for (let next = this.#earliest(); next !== undefined && next.atMs <= untilMs; next = this.#earliest()) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#runDue();
      await this.settle();
    }
    this.#nowMs = untilMs;
  }

  #draw(): Buffer {
    return createHash('sha256')
      .update(`${this.#seed}:${this.#drawn++}`)
      .digest();
  }

  #earliest(): Waiting | undefined {
    return this.#waiting.reduce<Waiting | undefined>(
      (first, one) => (first === undefined || isBefore(one, first) ? one : first),
      undefined,
    );
  }

  #runDue(): boolean {
    const due = this.#waiting
      .filter((one) => one.atMs <= this.#nowMs)
      .sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#waiting = this.#waiting.filter((one) => one.atMs > this.#nowMs);
    for (const one of due) one.run();
    return due.length > 0;
  }
}
