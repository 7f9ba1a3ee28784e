/** A place of the product that reads otherwise. */
export interface Edit {
  /** Path from the root of the repository. */
  readonly file: string;
  /** The text that is replaced; it stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A broken build of the product. It exists only in the process that loads it. */
export interface Mutant {
  readonly name: string;
  /** The invariant that it breaks, by its number. */
  readonly breaks: number;
  /** What is wrong with it, in one sentence. */
  readonly what: string;
  /** Not this version is broken but the one after it, in what it may not do to the one before. */
  readonly version?: 'next';
  readonly edits: readonly Edit[];
}
