import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { World } from './world.ts';

/** Longest delay that Node's timers hold (2^31 - 1 ms); a longer one is waited for in steps. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The world as it is: the machine's clock, its random source and Node's timers. */
export const realWorld: World = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  randomBytes: (count) => randomBytes(count),
  random: () => Math.random(),
  after(delayMs, run) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      const stepMs = Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : run()), stepMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
  endOfTurn: (run) => {
    setImmediate(run);
  },
};
