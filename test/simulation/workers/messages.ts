import type { Kept } from '../faults/witness.ts';
import type { Limits } from '../run/scenario.ts';

/** What a process loads. */
export interface Product {
  /** The name of a mutant: it is broken in that one place. */
  readonly mutant?: string;
  /** Folder of the version that serves beside this one during deployments; the next version where there is none. */
  readonly beside?: string;
  /** A deployment is on its way in every history, whatever the seed says. */
  readonly alwaysDeploys?: boolean;
}

/** One history that is to be lived through. */
export interface Task {
  readonly seed: string;
  readonly limits: Limits;
  /** Faults that are not at work, whatever the seed says. */
  readonly without: readonly string[];
  /** Whether the story is wanted. */
  readonly withLines: boolean;
  /** Whether what was kept anywhere is wanted. */
  readonly withKept?: boolean;
}

/** What came of it. */
export interface Report {
  readonly seed: string;
  readonly violation?: string;
  readonly digest: string;
  readonly steps: number;
  readonly elapsedMs: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly looks: Readonly<Record<string, number>>;
  readonly lines?: readonly string[];
  /** In the order in which it was written. */
  readonly kept?: readonly Kept[];
}
