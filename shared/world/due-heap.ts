/** Something that falls due at a time; what falls due at the same one keeps the order of its numbers. */
export interface Due {
  /** Milliseconds on whatever clock its owner keeps. */
  readonly atMs: number;
  /** Rises with each entry that the owner makes. */
  readonly order: number;
}

/** What waits for its time, the earliest at hand: a binary heap, to which a million timers cost twenty comparisons each. */
export class DueHeap<T extends Due> {
  /** No entry is later than the two at 2n + 1 and 2n + 2. */
  #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest; `undefined` where nothing waits. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  add(entry: T): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the earliest out. */
  removeFirst(): void {
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

  /** Drops everything that `isKept` does not want. */
  keep(isKept: (entry: T) => boolean): void {
    // What is sorted is a heap.
    this.#heap = this.#heap.filter(isKept).sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  clear(): void {
    this.#heap = [];
  }
}

/** Whether the first falls due before the second. */
export function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
