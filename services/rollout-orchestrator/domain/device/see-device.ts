import type { DeviceChange, DeviceRecord, Running } from './device.ts';

/**
 * So many returns to a boot that had ended make it certain that two devices speak with one identity: one return can be a
 * message that was late.
 */
const FLIPS_OF_A_CLONE = 3;

/** Whether a check tells anything that the device's item does not hold already. An idle check does not. */
function isNews(device: DeviceRecord, seen: Omit<Running, 'seenAtMs' | 'sequence'>): boolean {
  const { running } = device;
  return (
    running === undefined ||
    running.version !== seen.version ||
    running.digest !== seen.digest ||
    running.bootId !== seen.bootId ||
    running.confirmed !== seen.confirmed ||
    running.hardware !== seen.hardware
  );
}

/** Whether a check is worth applying: it tells something new of a device that is known, or an attempt of it is waiting to be seen. */
export function isWorthTelling(device: DeviceRecord, seen: Omit<Running, 'seenAtMs' | 'sequence'>): boolean {
  const { facts, open, missing } = device;
  return facts !== undefined && (open !== undefined || missing !== undefined || isNews(device, seen));
}

/**
 * What a sighting changes of the device itself: what it runs, and whether two boots alternate, which means that the identity
 * is used twice. A sighting older than the last one changes nothing.
 */
export function seeDevice(device: DeviceRecord, sighting: Omit<Running, 'sequence'>): DeviceChange {
  const { running, previousBootId, bootFlips } = device;
  if (running === undefined) return { running: sighting };
  if (sighting.seenAtMs <= running.seenAtMs) return {};
  const isSame = sighting.version === running.version && running.sequence !== undefined;
  const seen: Running = isSame ? { ...sighting, sequence: running.sequence } : sighting;
  if (running.bootId === seen.bootId) return { running: seen };
  const flips = seen.bootId === previousBootId ? bootFlips + 1 : bootFlips;
  return {
    running: seen,
    previousBootId: running.bootId,
    ...(flips !== bootFlips && { bootFlips: flips }),
    ...(flips >= FLIPS_OF_A_CLONE && !device.quarantined && { quarantined: true }),
  };
}
