import { randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { World } from './world.ts';

/** Longest delay that Node's timers hold (2^31 - 1 ms); a longer one is waited for in steps. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Random bytes are fetched so many at a time: asking for sixteen costs as much as asking for all of these. */
const POOL_BYTES = 8_192;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/** Bytes that nobody has been given before. */
function freshBytes(count: number): Uint8Array {
  if (count > POOL_BYTES) return randomFillSync(new Uint8Array(count));
  if (used + count > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.slice(used, used + count);
  // Nobody who reads this process's memory later finds a key there.
  pool.fill(0, used, used + count);
  used += count;
  return bytes;
}

/** The world as it is: the machine's clock, its random source and Node's timers. */
export const realWorld: World = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  randomBytes: freshBytes,
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
