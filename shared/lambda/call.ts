import type { Logger } from '@aws-lambda-powertools/logger';
import type { Step } from '#shared/metering/steps.ts';

/** What belongs to one invocation: its log (with function, request and correlation id) and its metrics. */
export interface Call {
  readonly log: Logger;
  /** Adds `value` (1 unless told) to a counter of this service; never with tenant, rollout, version or device in its name. */
  count(metric: string, value?: number): void;
  /**
   * This invocation is `count` times (1 unless told) about that step, of a rollout where there is one: what it uses of AWS is
   * counted there. Never part of a metric or a log line.
   */
  concerns(step: Step, rollout?: string, count?: number): void;
  /** Milliseconds until the function is stopped. */
  remainingMs(): number;
}
