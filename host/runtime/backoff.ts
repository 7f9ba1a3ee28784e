import type { World } from '#shared/world/world.ts';

/** Doubling from a tenth of a second to half a minute unless told, with full jitter in the upper half so that retries spread. */
export function backoffMs(attempt: number, world: Pick<World, 'random'>, longestMs = 30_000): number {
  const ceilingMs = Math.min(longestMs, 100 * 2 ** Math.min(attempt, 20));
  return ceilingMs / 2 + (ceilingMs / 2) * world.random();
}
