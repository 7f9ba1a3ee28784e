import type { World } from '#shared/world/world.ts';

/** How waits grow from one try in vain to the next. */
export interface Backoff {
  /** After the first; each further one is twice as long. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Beyond any wait that is not cut to the longest. */
const MOST_DOUBLINGS = 30;

/**
 * The wait after a try in vain that so many were before. A random half of it is taken off, because those who fail together must not come
 * back together.
 */
export function backoffMs(
  triesBefore: number,
  { firstMs, longestMs }: Backoff,
  chance: Pick<World, 'random'>,
): number {
  const wholeMs = Math.min(firstMs * 2 ** Math.min(triesBefore, MOST_DOUBLINGS), longestMs);
  return wholeMs * (0.5 + chance.random() / 2);
}
