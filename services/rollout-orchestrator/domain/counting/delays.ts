/** Upper edge of the first bucket; the next edges grow by the square root of two, so that an edge overstates by 41 % at most. */
const FIRST_EDGE_MS = 250;
const BUCKETS_PER_DOUBLING = 2;

/** Buckets of the histogram of delays; the last holds everything above some fifty days. */
export const DELAY_BUCKETS = 50;

/** The bucket, from 0, that counts a delay from permit to proof. */
export function delayBucket(delayMs: number): number {
  const doublings = Math.log2(Math.max(delayMs, FIRST_EDGE_MS) / FIRST_EDGE_MS);
  return Math.min(DELAY_BUCKETS - 1, Math.ceil(doublings * BUCKETS_PER_DOUBLING));
}

/** The longest delay that a bucket counts, in milliseconds. */
export const delayEdgeMs = (bucket: number): number =>
  Math.ceil(FIRST_EDGE_MS * 2 ** (bucket / BUCKETS_PER_DOUBLING));

/**
 * A delay that the given share of all counted ones does not exceed, rounded up to its bucket's edge: too long only widens later.
 * `undefined` while nothing was counted.
 */
export function delayQuantileMs(delays: readonly number[], share: number): number | undefined {
  const wanted = share * delays.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of delays.entries()) {
    seen += count;
    if (seen > 0 && seen >= wanted) return delayEdgeMs(bucket);
  }
  return undefined;
}
