import type { AdvancePlan } from '../domain/advance/plan-advance.ts';
import type { WholeRollout } from './rollout-evidence.ts';

/** One look at a rollout that can be read. */
export interface Look {
  readonly whole: WholeRollout;
  /** What the evidence asks for. */
  readonly plan: AdvancePlan;
  /** When it was planned, milliseconds since 1970. */
  readonly nowMs: number;
}

/** How a look ended: with all done that was asked for, or somebody else changed the rollout meanwhile and it must be looked at again. */
export type LookEnd = 'done' | 'overtaken';
