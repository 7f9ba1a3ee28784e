import { delayQuantileMs } from '../counting/delays.ts';

/** Of the devices that proved themselves so far, this share did so while young. */
const PROVEN_SHARE = 0.99;

/**
 * How long after its permit a device is young, in milliseconds; after that it is suspect until it resolves: the 99 % quantile of the
 * delays from permit to proof so far, and never less than `atLeastMs`.
 *
 * @param delays counts by bucket, see `delayBucket`
 */
export const suspectAfterMs = (delays: readonly number[], atLeastMs: number): number =>
  Math.max(atLeastMs, delayQuantileMs(delays, PROVEN_SHARE) ?? 0);
