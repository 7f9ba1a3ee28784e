import { hash } from 'node:crypto';

/** 2^48: as many values as six bytes have. */
const VALUES = 281_474_976_710_656;
const SIX_BYTES_IN_HEX = 12;
/** Answers for the devices that were asked for last: one message asks several times, and a small fleet asks again and again. */
const KEPT_ANSWERS = 4_096;

/**
 * A place in [0, 1) that follows from a text alone: the first six bytes of its sha256. As hex, because a buffer for each takes three times
 * as long.
 */
export const fractionOf = (text: string): number =>
  Number.parseInt(hash('sha256', text, 'hex').slice(0, SIX_BYTES_IN_HEX), 16) / VALUES;

/**
 * Where a device stands in a rollout, in [0, 1): the first six bytes of sha256(rollout, device). The same for ever, uniform over
 * the fleet and unrelated between rollouts, so that nobody is always the first. A line break keeps the two names apart:
 * neither can hold one.
 */
export function rank(rolloutId: string, deviceId: string): number {
  const known = ranks.get(rolloutId)?.get(deviceId);
  return known ?? keepRank(rolloutId, deviceId, fractionOf(`${rolloutId}\n${deviceId}`));
}

/** By rollout and device: to look for both names put together takes as long as the hash. */
const ranks = new Map<string, Map<string, number>>();
let keptRanks = 0;

function keepRank(rolloutId: string, deviceId: string, at: number): number {
  if (keptRanks >= KEPT_ANSWERS) {
    ranks.clear();
    keptRanks = 0;
  }
  const ofRollout = ranks.get(rolloutId) ?? new Map<string, number>();
  ranks.set(rolloutId, ofRollout.set(deviceId, at));
  keptRanks += 1;
  return at;
}

/** The part of the key space a device lies in: the first byte of sha256(thing), two lower-case hex digits. 256 parts. */
export const deviceBucket = remembered((thing) => hash('sha256', thing, 'hex').slice(0, 2));

/** The same function of a text, which does not work out again what it has just been asked. */
function remembered<T>(workOut: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    if (answers.size >= KEPT_ANSWERS) answers.clear();
    const answer = workOut(text);
    answers.set(text, answer);
    return answer;
  };
}
