import { setTimeout as pause } from 'node:timers/promises';
import type { Recording } from '../measure/recording.ts';
import { type Asking, FreeDevices } from './free-devices.ts';
import type { LoadDevice } from './load-device.ts';

/**
 * Asks `perSecond` questions a second, evenly spread, however long answers take, until stopped. A latency counts from the moment
 * the question was due, so that a host (or this process) that stalls does not hide those who wait meanwhile.
 */
export function runFixedRate(
  devices: readonly LoadDevice[],
  perSecond: number,
  ask: Asking,
  recording: Recording,
): { stop(): Promise<void>; readonly ended: Promise<void> } {
  const free = new FreeDevices(devices);
  const open = new Set<Promise<void>>();
  const failed = Promise.withResolvers<never>();
  const one = async (dueMs: number) => {
    const device = await free.take();
    await ask(device);
    recording.answered(performance.now() - dueMs);
    free.give(device);
  };
  let isStopped = false;
  const send = async () => {
    const beganMs = performance.now();
    for (let sent = 0; !isStopped; ) {
      const due = Math.floor(((performance.now() - beganMs) * perSecond) / 1000);
      for (; sent < due; sent++) {
        const asked = one(beganMs + (sent * 1000) / perSecond);
        open.add(asked);
        asked.then(() => open.delete(asked), failed.reject);
      }
      await pause(1);
    }
    await Promise.all(open);
  };
  const ended = Promise.race([send(), failed.promise]);
  const stop = () => {
    isStopped = true;
    return ended;
  };
  return { stop, ended };
}
