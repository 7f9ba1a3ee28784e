/** Takes back a timer that has not run yet; calling it twice, or after the timer ran, does nothing. */
export type Cancel = () => void;

/**
 * Everything a program cannot decide alone: time, chance, waiting, and the end of the present event-loop turn.
 * It is passed in from the first day, so that the simulation can run the same code on a seeded, virtual world.
 */
export interface World {
  /** Wall-clock time in milliseconds since 1970 (UTC). It may jump. */
  now(): number;
  /** Milliseconds on a clock that never jumps; only differences mean something. */
  monotonicMs(): number;
  /** `count` random bytes, fit for keys, nonces and identifiers. */
  randomBytes(count: number): Uint8Array;
  /** A number in [0, 1) for jitter and sampling; never for secrets. */
  random(): number;
  /** Runs `run` once, `delayMs` from now (at the next turn for 0 or less). */
  after(delayMs: number, run: () => void): Cancel;
  /** Runs `run` once everything that is ready in this turn has run: where writes of a turn are committed together. */
  endOfTurn(run: () => void): void;
}

/** Resolves after `delayMs` of the world's own time. */
export function pause(world: Pick<World, 'after'>, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    world.after(delayMs, resolve);
  });
}
