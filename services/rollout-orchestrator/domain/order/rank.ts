import { hash } from 'node:crypto';

/** 2^48: as many ranks as six bytes have. */
const RANKS = 281_474_976_710_656;

/**
 * Where a device stands in a rollout, in [0, 1): the first six bytes of sha256(rollout, device). The same for ever, uniform over
 * the fleet and unrelated between rollouts, so that nobody is always the first. A line break keeps the two names apart:
 * neither can hold one.
 */
export function rank(rolloutId: string, deviceId: string): number {
  return hash('sha256', `${rolloutId}\n${deviceId}`, 'buffer').readUIntBE(0, 6) / RANKS;
}

/** The part of the key space a device lies in: the first byte of sha256(thing), two lower-case hex digits. 256 parts. */
export function deviceBucket(thing: string): string {
  return hash('sha256', thing, 'hex').slice(0, 2);
}
