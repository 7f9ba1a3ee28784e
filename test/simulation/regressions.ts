/** A seed that once failed, and what it found. */
export interface Regression {
  readonly seed: string;
  readonly found: string;
}

/** Kept for ever: what the simulation found in the product, fixed since. */
export const REGRESSIONS: readonly Regression[] = [];
