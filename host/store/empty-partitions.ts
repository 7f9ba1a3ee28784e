/** More than a rollout has of buckets, in each of some hundred rollouts: a name takes about a hundred bytes. */
const MOST_KNOWN = 32_768;

/**
 * Partitions of one table that were read and held nothing. Fleets and rollouts lie in 256 partitions each, of which a small fleet leaves
 * nearly all empty: who counts it again need not ask sqlite for each. Who writes an item notes it here in the same turn.
 */
export class EmptyPartitions {
  readonly #known = new Set<string>();

  /** Whether it is known that there is nothing in it. */
  has(partition: string): boolean {
    return this.#known.has(partition);
  }

  /** It was read from end to end, and held nothing. */
  note(partition: string): void {
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.add(partition);
  }

  /** Something is being written there. */
  forget(partition: string): void {
    this.#known.delete(partition);
  }
}
