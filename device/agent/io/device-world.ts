import { uptime } from 'node:os';
import { realWorld } from '#shared/world/real-world.ts';
import type { World } from '#shared/world/world.ts';

/**
 * The world of a device: its monotonic clock goes on while the device sleeps, as the life of a permit must. Node's own stops (CLOCK_MONOTONIC);
 * the uptime of Linux does not (/proc/uptime, in hundredths of a second). Elsewhere Node's has to do.
 */
export const deviceWorld: World =
  process.platform === 'linux' ? { ...realWorld, monotonicMs: () => uptime() * 1000 } : realWorld;
