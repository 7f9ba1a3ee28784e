/** A share of the whole in millionths: 5 % is 50,000. Integers, so that ceilings are exact. */
export type Millionths = number;

/** The whole. */
export const WHOLE: Millionths = 1_000_000;
/**
 * A share of fewer devices is first come, first served up to its ceiling: the hash is too coarse for it. 5 % of 20 may hit nobody, and so
 * does 0.1 % of 1,000 in 37 rollouts of a hundred.
 */
export const FIRST_COME_BELOW = 1000;
/** Products of members and millionths stay exact integers up to here (2^53 / 10^6 is about 9 * 10^9). */
const MOST_MEMBERS = 1_000_000_000;

/**
 * `ceil(share x members)`, exact: how many members a percent stage may expose. Never 0 while there are members and a share.
 * Throws `RangeError` for a share above the whole or a count that is no count: a ceiling must not be guessed.
 */
export function ceilingOfShare(share: Millionths, members: number): number {
  if (!Number.isInteger(share) || share < 0 || share > WHOLE) throw new RangeError(`no share: ${share}`);
  if (!Number.isInteger(members) || members < 0 || members > MOST_MEMBERS) {
    throw new RangeError(`no number of members: ${members}`);
  }
  const product = share * members;
  const rest = product % WHOLE;
  return (product - rest) / WHOLE + (rest > 0 ? 1 : 0);
}
