import { appendFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { STALLS_FILE, type Stalls } from './stalls.ts';

/**
 * Loaded into the process of the host (`node --import`) before anything else: writes every second how long its event loop was held up,
 * how long garbage was collected, and how long the disk took to flush.
 */
const file = process.env[STALLS_FILE];
const EVERY_MS = 1_000;
const RESOLUTION_MS = 5;
const NS_PER_MS = 1e6;

if (file !== undefined && isMainThread) watchStalls(file);

function watchStalls(to: string): void {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  let collected: number[] = [];
  let flushed: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collected.push(duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  timeFlushes((tookMs) => flushed.push(tookMs));
  setInterval(() => {
    const stalls: Stalls = {
      atMs: Date.now(),
      loopP99Ms: loop.percentile(99) / NS_PER_MS,
      loopMostMs: loop.max / NS_PER_MS,
      collectedMs: collected.reduce((sum, one) => sum + one, 0),
      collectionMostMs: Math.max(0, ...collected),
      flushMostMs: Math.max(0, ...flushed),
    };
    loop.reset();
    collected = [];
    flushed = [];
    appendFileSync(to, `${JSON.stringify(stalls)}\n`);
  }, EVERY_MS).unref();
}

/** The store flushes with `fdatasync` of `node:fs`, beside the event loop. */
function timeFlushes(took: (ms: number) => void): void {
  // The module that `import` hands out cannot be changed; the one that `require` does can, and then the other follows.
  const fs = createRequire(import.meta.url)('node:fs') as {
    fdatasync: (fd: number, done: (error: Error | null) => void) => void;
  };
  const { fdatasync } = fs;
  fs.fdatasync = (fd, done) => {
    const beganMs = performance.now();
    fdatasync(fd, (error) => {
      took(performance.now() - beganMs);
      done(error);
    });
  };
  syncBuiltinESMExports();
}
