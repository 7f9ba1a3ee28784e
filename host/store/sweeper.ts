import type { Cancel, World } from '#shared/world/world.ts';

/** Late on purpose: on AWS it may be days, so that readers must check expiry themselves. */
const SWEEP_EVERY_MS = 5 * 60 * 1000;
/** How much a step removes at once, where that takes no time. */
const MOST = 500;
/** And where the disk is slow: rows lie apart, so that each is a page or two to flush. */
const LEAST = 25;
/** What may pass until a turn of a sweep is on disk: whoever is answered meanwhile waits for it. */
const TURN_MS = 20;
/** Time that is left to others between two turns, as a multiple of what the first took. */
const REST = 2;

/** Removes at most that much, and answers how much it was. */
type Step = (limit: number) => number;

/**
 * Calls each of `steps` over and over, every five minutes, with how much it may remove at once; a step that answers that much is called
 * again, after a rest once `committed` says that it is on disk. A year of items that expire at once, as after a host was off, takes minutes
 * to go, in which devices are answered. Answers how to end it.
 */
export function sweepRegularly(
  world: Pick<World, 'after' | 'monotonicMs'>,
  steps: () => Iterable<Step>,
  committed: () => Promise<void>,
): Cancel {
  let limit = MOST;
  let isEnded = false;
  let cancel: Cancel = world.after(SWEEP_EVERY_MS, begin);

  function begin(): void {
    turn([...steps()]);
  }

  function turn(left: readonly Step[]): void {
    const beganAtMs = world.monotonicMs();
    const more = left.filter((step) => step(limit) >= limit);
    if (more.length === 0) {
      cancel = world.after(SWEEP_EVERY_MS, begin);
      return;
    }
    const goOn = () => {
      if (isEnded) return;
      const tookMs = world.monotonicMs() - beganAtMs;
      limit = tookMs > TURN_MS ? Math.max(LEAST, Math.floor(limit / 2)) : Math.min(MOST, limit * 2);
      cancel = world.after(tookMs * REST, () => turn(more));
    };
    // Where what was removed is lost, the store says so itself, and the process ends.
    committed().then(goOn, () => undefined);
  }

  return () => {
    isEnded = true;
    cancel();
  };
}
