import * as z from 'zod';
import { ReleaseName, Ulid } from '../names.ts';
import { defineEvent } from './event.ts';

/** States of a rollout. `draft` until launched; `completed`, `aborted` are final. */
export const RolloutState = z.enum(['draft', 'running', 'paused', 'halted', 'aborted', 'completed']);
export type RolloutState = z.infer<typeof RolloutState>;

/**
 * A rollout has gone from one state to another, opened a stage, or has stalled, which is told once for each time: for whoever adds a rule to
 * the bus; no service of ours reads it.
 */
export const RolloutChanged = defineEvent(
  'evenkeel.rollout-orchestrator',
  'RolloutChanged',
  {
    rollout: Ulid,
    release: ReleaseName,
    change: z.enum([
      'launched',
      'stage-opened',
      'paused',
      'resumed',
      'halted',
      'aborted',
      'completed',
      'stalled',
    ]),
    state: RolloutState,
    /** Name of the stage that is open. */
    stage: z.string().max(32),
    /** Who: `operator:<name>` or `evenkeel`. */
    actor: z.string().max(64),
    reason: z.string().max(1000),
  },
  [
    {
      id: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5C',
      v: 1,
      tenant: 'acme',
      atMs: 1_780_000_000_000,
      rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D',
      release: 'cam/2.1.0',
      change: 'halted',
      state: 'halted',
      stage: 'canary',
      actor: 'evenkeel',
      reason: 'cohort cam-rev-b from 2.0.0: 2 of 10 bad (failed, reverted or silent)',
    },
  ],
);
export type RolloutChanged = z.infer<typeof RolloutChanged.detail>;
