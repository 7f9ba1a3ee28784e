import type { Usage } from './billed-unit.ts';

/** How often something was done, and what that used of AWS. */
export interface StepUsage {
  readonly count: number;
  readonly usage: Usage;
}

/** What is known of a rollout's use of AWS since its launch. */
export interface RolloutUsage {
  /** Its own steps (see `UPDATE_STEPS`). */
  readonly steps: Readonly<Record<string, StepUsage>>;
  /** What went on meanwhile and is nobody's in particular, by function: idle checks among it. */
  readonly meanwhile: Readonly<Record<string, StepUsage>>;
}

/** Reads what was metered. */
export interface UsageReader {
  /** `undefined` where this home does not meter by rollout, or has not heard of that one. */
  ofRollout(rollout: string): Promise<RolloutUsage | undefined>;
}
