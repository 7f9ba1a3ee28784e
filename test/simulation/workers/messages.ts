import type { Limits } from '../run/scenario.ts';

/** One history that is to be lived through. */
export interface Task {
  readonly seed: string;
  readonly limits: Limits;
  /** Faults that are not at work, whatever the seed says. */
  readonly without: readonly string[];
  /** Whether the story is wanted. */
  readonly withLines: boolean;
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
}
