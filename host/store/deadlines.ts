import { type Due, DueHeap } from '#shared/world/due-heap.ts';
import type { Cancel, World } from '#shared/world/world.ts';

interface Deadline<T> extends Due {
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
  readonly #world: Pick<World, 'after' | 'monotonicMs'>;
  readonly #onDue: (value: T) => void;
  readonly #heap = new DueHeap<Deadline<T>>();
  #order = 0;
  #overCount = 0;
  #armedForMs = Number.POSITIVE_INFINITY;
  #disarm: Cancel | undefined;

  constructor(world: Pick<World, 'after' | 'monotonicMs'>, onDue: (value: T) => void) {
    this.#world = world;
    this.#onDue = onDue;
  }

  /** Lets `value` fall due `delayMs` from now. */
  add(delayMs: number, value: T): void {
    this.#heap.add({ atMs: this.#world.monotonicMs() + delayMs, order: this.#order++, value });
    this.#arm();
  }

  /** To be called once for each value that is over before its time, so that it does not stay in memory until then. */
  noteOver(): void {
    this.#overCount += 1;
    if (this.#overCount < OVER_LIMIT || this.#overCount * 2 < this.#heap.size) return;
    this.#heap.keep(({ value }) => !value.isOver);
    this.#overCount = 0;
  }

  /** Forgets everything that is not due yet. */
  clear(): void {
    this.#heap.clear();
    this.#overCount = 0;
    this.#arm();
  }

  #arm(): void {
    this.#dropOver();
    const nextMs = this.#heap.first?.atMs ?? Number.POSITIVE_INFINITY;
    // A timer that is too early costs less than taking it back: it finds nothing due and arms the next.
    if (nextMs >= this.#armedForMs && nextMs !== Number.POSITIVE_INFINITY) return;
    this.#disarm?.();
    this.#disarm = undefined;
    this.#armedForMs = nextMs;
    if (nextMs === Number.POSITIVE_INFINITY) return;
    this.#disarm = this.#world.after(nextMs - this.#world.monotonicMs(), () => this.#run());
  }

  /** Nobody waits for what is over: most of what was hidden is done long before its time. */
  #dropOver(): void {
    while (this.#heap.first?.value.isOver === true) {
      this.#heap.removeFirst();
      this.#overCount -= 1;
    }
  }

  #run(): void {
    this.#armedForMs = Number.POSITIVE_INFINITY;
    this.#disarm = undefined;
    const nowMs = this.#world.monotonicMs();
    for (let next = this.#heap.first; next !== undefined && next.atMs <= nowMs; next = this.#heap.first) {
      this.#heap.removeFirst();
      if (next.value.isOver) this.#overCount -= 1;
      else this.#onDue(next.value);
    }
    this.#arm();
  }
}
