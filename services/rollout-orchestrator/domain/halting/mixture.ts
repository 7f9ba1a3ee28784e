import { UnreadableEvidenceError } from './unreadable-evidence.ts';

/** Alternatives that the mixture averages over. */
const RATES = 24;
/** The lowest alternative, as a multiple of the tolerated rate. */
const LOWEST_MULTIPLE = 1.2;
/** The highest alternative: nearly every device goes bad. */
const HIGHEST_RATE = 0.999;

/**
 * The natural logarithm of the evidence against "at most `p0` of the devices go bad" when `k` of `n` did. Both are counts, `k` at
 * most `n`.
 */
export type EvidenceLog = (k: number, n: number) => number;

/**
 * The mixture e-process for the tolerated rate `p0`: the mean over 24 rates p1, log-spaced from 1.2 p0 to 0.999, of the likelihood
 * ratio `(p1/p0)^k ((1-p1)/(1-p0))^(n-k)`, in logarithms because the ratios overflow.
 *
 * By Ville's inequality for non-negative supermartingales, the evidence of a release whose true rate is at most `p0` ever reaches
 * `1/alpha` with a chance of at most `alpha`, however often one looks. A device that is pending counts in `n` as not bad; the
 * evidence rises in `k`, so that it is never above what the same devices will show once resolved, and the bound holds.
 *
 * @throws UnreadableEvidenceError when no alternative fits above `p0`
 */
export function evidenceAgainst(p0: number): EvidenceLog {
  const lowest = LOWEST_MULTIPLE * p0;
  if (!(p0 > 0) || !(lowest < HIGHEST_RATE)) {
    throw new UnreadableEvidenceError(
      'p0',
      `must lie between 0 and ${HIGHEST_RATE / LOWEST_MULTIPLE}, not ${p0}`,
    );
  }
  const ratesLog = Array.from(
    { length: RATES },
    (_, i) => Math.log(lowest) + (i / (RATES - 1)) * Math.log(HIGHEST_RATE / lowest),
  );
  const weights = ratesLog.map((rateLog) => ({
    bad: rateLog - Math.log(p0),
    notBad: Math.log1p(-Math.exp(rateLog)) - Math.log1p(-p0),
  }));
  return (k, n) => {
    let highest = Number.NEGATIVE_INFINITY;
    for (const { bad, notBad } of weights) highest = Math.max(highest, k * bad + (n - k) * notBad);
    let sum = 0;
    for (const { bad, notBad } of weights) sum += Math.exp(k * bad + (n - k) * notBad - highest);
    return highest + Math.log(sum / RATES);
  };
}
