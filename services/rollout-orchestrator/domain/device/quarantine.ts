import { LONGEST_AWAY_MS } from '../attempt/moves.ts';
import type { DeviceChange } from './device.ts';

/**
 * So many returns to a boot that had ended make it certain that two devices speak with one identity: one return can be a
 * message that was late.
 */
export const FLIPS_OF_A_CLONE = 3;

/**
 * Returns count together that lie at most so far apart. No device may announce to be away for longer, so that two that go on sharing
 * an identity return as often as they speak, and are found.
 */
export const FLIPS_WITHIN_MS = LONGEST_AWAY_MS;

/** What a release from quarantine changes of a device: everything that has put it there is forgotten. */
export const RELEASED: DeviceChange = {
  quarantined: false,
  quarantinedMs: null,
  bootFlips: 0,
  flippedMs: null,
};
