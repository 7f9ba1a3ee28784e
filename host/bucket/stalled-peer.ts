import type { Cancel, World } from '#shared/world/world.ts';

/**
 * Calls `giveUp` once when `progress` (a count that only grows) has not changed for `idleSeconds`; it is looked at that
 * often, so a peer that stalls is given up after one to two times as long. Ends with the returned `Cancel`.
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
    if (now === seen) return giveUp();
    seen = now;
    cancel = world.after(idleSeconds * 1000, look);
  };
  let cancel = world.after(idleSeconds * 1000, look);
  return () => cancel();
}
