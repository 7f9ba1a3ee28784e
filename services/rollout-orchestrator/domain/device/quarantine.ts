import { type Attempt, isOpen } from '../attempt/attempt.ts';
import { LONGEST_AWAY_MS } from '../attempt/moves.ts';
import { isEvidence } from '../counting/cohorts.ts';
import type { DeviceChange, DeviceRecord } from './device.ts';

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

/**
 * So many attempts of one rollout are taken out of the evidence because their devices are in quarantine; those of all others count as
 * they end. A release whose boot ids repeat would otherwise hide what it does.
 */
export const MOST_TAKEN_OUT = 3;

/**
 * Whether nobody can tell which of two devices an attempt of this one is of: it is open, or has ended badly in the time in which they
 * may have spoken in turns. Of what is no evidence nothing has to be taken out.
 */
export function isInDoubt({ bad }: DeviceRecord, attempt: Attempt, nowMs: number): boolean {
  if (!isEvidence(attempt.cohort) || attempt.excused) return false;
  if (isOpen(attempt)) return true;
  return attempt.id === bad?.attempt && nowMs - (attempt.endedMs ?? 0) <= FLIPS_WITHIN_MS;
}
