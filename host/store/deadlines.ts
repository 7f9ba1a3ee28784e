import type { Cancel, World } from '#shared/world/world.ts';

interface Deadline<T> {
  readonly atMs: number;
  readonly order: number;
  readonly value: T;
}

/** Something that a deadline was set for, and that may be over before. */
export interface Awaited {
  readonly isOver: boolean;
}

/** Few enough to be left lying about. */
const OVER_LIMIT = 1_000;

/** Many deadlines over one timer of the world: `onDue` gets each value that is not over yet once, in order of time. */
export class Deadlines<T extends Awaited> {
  readonly #world: World;
  readonly #onDue: (value: T) => void;
  /** A binary heap: no entry is later than the two at 2n + 1 and 2n + 2. */
  #heap: Deadline<T>[] = [];
  #order = 0;
  #overCount = 0;
  #armedForMs = Number.POSITIVE_INFINITY;
  #disarm: Cancel | undefined;

  constructor(world: World, onDue: (value: T) => void) {
    this.#world = world;
    this.#onDue = onDue;
  }

  /** Lets `value` fall due `delayMs` from now. */
  add(delayMs: number, value: T): void {
    this.#push({ atMs: this.#world.monotonicMs() + delayMs, order: this.#order++, value });
    this.#arm();
  }

  /** To be called once for each value that is over before its time, so that it does not stay in memory until then. */
  noteOver(): void {
    this.#overCount += 1;
    if (this.#overCount < OVER_LIMIT || this.#overCount * 2 < this.#heap.length) return;
    // What is sorted is a heap.
    this.#heap = this.#heap.filter(({ value }) => !value.isOver).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#overCount = 0;
  }

  /** Forgets everything that is not due yet. */
  clear(): void {
    this.#heap = [];
    this.#overCount = 0;
    this.#arm();
  }

  #arm(): void {
    const nextMs = this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
    // A timer that is too early costs less than taking it back: it finds nothing due and arms the next.
    if (nextMs >= this.#armedForMs && nextMs !== Number.POSITIVE_INFINITY) return;
    this.#disarm?.();
    this.#disarm = undefined;
    this.#armedForMs = nextMs;
    if (nextMs === Number.POSITIVE_INFINITY) return;
    this.#disarm = this.#world.after(nextMs - this.#world.monotonicMs(), () => this.#run());
  }

  #run(): void {
    this.#armedForMs = Number.POSITIVE_INFINITY;
    this.#disarm = undefined;
    const nowMs = this.#world.monotonicMs();
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= nowMs; next = this.#heap[0]) {
      this.#pop();
      if (next.value.isOver) this.#overCount -= 1;
      else this.#onDue(next.value);
    }
    this.#arm();
  }

  #push(deadline: Deadline<T>): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(deadline, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = deadline;
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

function isBefore(a: Deadline<unknown>, b: Deadline<unknown>): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
