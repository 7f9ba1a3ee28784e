import type { Cancel, World } from '#shared/world/world.ts';

/** Late on purpose: on AWS it may be days, so that readers must check expiry themselves. */
const SWEEP_EVERY_MS = 5 * 60 * 1000;
/** Few enough that a sweep does not hold up a turn. */
const STEP = 500;

/**
 * Calls each of `steps` over and over, every five minutes, with how much it may remove at once; a step that answers
 * that much is called again in the next turn. Answers how to end it.
 */
export function sweepRegularly(world: World, steps: () => Iterable<(limit: number) => number>): Cancel {
  let cancel: Cancel;
  const sweep = () => {
    let hasMore = false;
    for (const step of steps()) hasMore = step(STEP) >= STEP || hasMore;
    cancel = world.after(hasMore ? 0 : SWEEP_EVERY_MS, sweep);
  };
  cancel = world.after(SWEEP_EVERY_MS, sweep);
  return () => cancel();
}
