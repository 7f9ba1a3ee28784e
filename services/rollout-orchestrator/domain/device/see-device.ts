import { isAhead } from '#shared/clock/ahead.ts';
import type { DeviceChange, DeviceRecord, Running } from './device.ts';
import { FLIPS_OF_A_CLONE, FLIPS_WITHIN_MS } from './quarantine.ts';

/** What a check says of its device, apart from when. */
type Said = Omit<Running, 'seenAtMs' | 'sequence'>;

/** Whether a check tells anything that the device's item does not hold already. An idle check does not. */
function isNews({ running }: DeviceRecord, said: Said): boolean {
  if (running === undefined) return true;
  const { trouble: knownTrouble } = running;
  const { trouble } = said;
  return (
    running.version !== said.version ||
    running.digest !== said.digest ||
    running.bootId !== said.bootId ||
    running.confirmed !== said.confirmed ||
    running.hardware !== said.hardware ||
    knownTrouble?.rollout !== trouble?.rollout ||
    knownTrouble?.what !== trouble?.what ||
    knownTrouble?.times !== trouble?.times
  );
}

/** Whether a check is worth applying: it tells something new of a device that is known, or an attempt of it is waiting to be seen. */
export function isWorthTelling(device: DeviceRecord, said: Said): boolean {
  const { facts, open, missing } = device;
  return facts !== undefined && (open !== undefined || missing !== undefined || isNews(device, said));
}

/**
 * What a sighting changes of the device itself: what it runs, and whether two boots alternate, which means that the identity
 * is used twice. A sighting older than the last one changes nothing, unless that was noted by a clock that has been put back since, and
 * the sighting by the clock as it is now.
 */
export function seeDevice(
  device: DeviceRecord,
  sighting: Omit<Running, 'sequence'>,
  nowMs: number,
): DeviceChange {
  const { running, previousBootId } = device;
  if (running === undefined) return { running: sighting };
  const isPutBack = isAhead(running.seenAtMs, nowMs) && !isAhead(sighting.seenAtMs, nowMs);
  if (sighting.seenAtMs <= running.seenAtMs && !isPutBack) return {};
  const isSame = sighting.version === running.version && running.sequence !== undefined;
  const seen: Running = isSame ? { ...sighting, sequence: running.sequence } : sighting;
  if (running.bootId === seen.bootId) return { running: seen };
  const change = { running: seen, previousBootId: running.bootId };
  return seen.bootId === previousBootId ? { ...change, ...flip(device, sighting.seenAtMs) } : change;
}

/**
 * A boot that had ended speaks again. Returns that lie far enough back are forgotten, so that late messages do not add up over years;
 * those from before its last registration were those of another identity.
 */
function flip({ facts, bootFlips, flippedMs, quarantined }: DeviceRecord, atMs: number): DeviceChange {
  if (facts?.registeredAtMs !== undefined && atMs < facts.registeredAtMs) return {};
  const isRecent = flippedMs !== undefined && atMs - flippedMs <= FLIPS_WITHIN_MS;
  const flips = isRecent ? bootFlips + 1 : 1;
  const enters = flips >= FLIPS_OF_A_CLONE && !quarantined;
  return { bootFlips: flips, flippedMs: atMs, ...(enters && { quarantined: true, quarantinedMs: atMs }) };
}
