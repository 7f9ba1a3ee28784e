import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { expect, test } from '@jest/globals';
import { deviceWorld } from './device-world.ts';

/** CLOCK_BOOTTIME, which is the one that goes on in a suspended machine (proc(5), clock_gettime(2)); Node's own where there is none. */
const awakeOrNotMs = (): number =>
  process.platform === 'linux'
    ? Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000
    : performance.now();

test('the clock of a device is the uptime of its machine', () => {
  const [before, now, after] = [awakeOrNotMs(), deviceWorld.monotonicMs(), awakeOrNotMs()];
  expect(now).toBeGreaterThanOrEqual(before - 10);
  expect(now).toBeLessThanOrEqual(after + 10);
});
