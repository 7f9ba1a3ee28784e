/** The `share` quantile (0 to 1) of numbers, by the nearest rank; `NaN` of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** A figure out of several runs: the middle one, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Median, least and most of some runs. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), least: quantile(values, 0), most: quantile(values, 1) };
}

/**
 * The exact 95 % interval (Clopper and Pearson) of a share of which `hits` of `runs` were seen: the rates at which so few, or so many,
 * would come with a chance of 2.5 %.
 */
export function shareInterval(hits: number, runs: number): { readonly least: number; readonly most: number } {
  const tail = 0.025;
  const least = hits === 0 ? 0 : rateWhere((rate) => 1 - atMost(hits - 1, runs, rate) >= tail);
  const most = hits === runs ? 1 : rateWhere((rate) => atMost(hits, runs, rate) <= tail);
  return { least, most };
}

/** The chance of at most `hits` in `runs` at that rate. */
function atMost(hits: number, runs: number, rate: number): number {
  let sum = 0;
  for (let k = 0, choose = 0; k <= hits; k += 1) {
    sum += Math.exp(choose + k * Math.log(rate) + (runs - k) * Math.log1p(-rate));
    choose += Math.log((runs - k) / (k + 1));
  }
  return sum;
}

/** The least rate of which that is true, of a question whose answer turns once. */
function rateWhere(isSo: (rate: number) => boolean): number {
  let [below, above] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (below + above) / 2;
    if (isSo(middle)) above = middle;
    else below = middle;
  }
  return above;
}
