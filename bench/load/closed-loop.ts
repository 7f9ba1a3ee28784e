import type { Recording } from '../measure/recording.ts';
import { type Asking, FreeDevices } from './free-devices.ts';
import type { LoadDevice } from './load-device.ts';

/**
 * Keeps `inFlight` questions open at any moment, each device at most one, until stopped: finds how much the host can do, and
 * tells nothing of how long a device waits on a usual day.
 */
export function runClosedLoop(
  devices: readonly LoadDevice[],
  inFlight: number,
  ask: Asking,
  recording: Recording,
): { stop(): Promise<void>; readonly ended: Promise<void> } {
  const free = new FreeDevices(devices);
  let isStopped = false;
  const one = async () => {
    while (!isStopped) {
      const device = await free.take();
      const sentMs = performance.now();
      await ask(device);
      recording.answered(performance.now() - sentMs);
      free.give(device);
    }
  };
  const ended = Promise.all(Array.from({ length: Math.min(inFlight, devices.length) }, one)).then(
    () => undefined,
  );
  const stop = () => {
    isStopped = true;
    return ended;
  };
  return { stop, ended };
}
