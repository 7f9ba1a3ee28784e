import type { Cancel, World } from '#shared/world/world.ts';

/** Who moves less is as good as stalled, and must not hold a place for days: the slowest modems of devices move some 1,000 bytes a second. */
const LEAST_BYTES_PER_SECOND = 256;

/**
 * Calls `giveUp` once when `progress` (bytes that have moved) has not grown by what the slowest peer moves in `idleSeconds`; it is looked
 * at that often, so a peer that stalls is given up after one to two times as long. Ends with the returned `Cancel`.
 */
export function watchProgress(
  world: Pick<World, 'after'>,
  idleSeconds: number,
  progress: () => number,
  giveUp: () => void,
): Cancel {
  let seen = progress();
  const look = () => {
    const now = progress();
    if (now - seen < idleSeconds * LEAST_BYTES_PER_SECOND) return giveUp();
    seen = now;
    cancel = world.after(idleSeconds * 1000, look);
  };
  let cancel = world.after(idleSeconds * 1000, look);
  return () => cancel();
}
