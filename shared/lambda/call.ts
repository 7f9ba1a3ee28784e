import type { Logger } from '@aws-lambda-powertools/logger';

/** What belongs to one invocation: its log (with function, request and correlation id) and its metrics. */
export interface Call {
  readonly log: Logger;
  /** Adds `value` (1 unless told) to a counter of this service; never with tenant, rollout, version or device in its name. */
  count(metric: string, value?: number): void;
  /** Milliseconds until the function is stopped. */
  remainingMs(): number;
}
