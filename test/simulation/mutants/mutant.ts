/** A broken build of the product: one place of one file reads otherwise. It exists only while the simulation loads it. */
export interface Mutant {
  readonly name: string;
  /** The invariant that it breaks, by its number. */
  readonly breaks: number;
  /** What is wrong with it, in one sentence. */
  readonly what: string;
  /** Path from the root of the repository. */
  readonly file: string;
  /** The text that is replaced; it stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}
