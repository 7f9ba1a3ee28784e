import type { BilledUnit, Usage, UsageCounts } from './billed-unit.ts';
import type { Step } from './steps.ts';

/**
 * What one instance of a function uses of AWS, counted invocation by invocation: an instance serves one at a time, so that
 * whatever its capabilities do between two calls of `begin` belongs to the same one.
 */
export interface InstanceMeter {
  /** An invocation begins, brought by that trigger. */
  begin(arrival: Arrival): void;
  /** So many more of that unit. */
  bill(unit: BilledUnit, amount: number): void;
  /** One request to AWS more, which took its time on the way. */
  called(): void;
  /**
   * What is done now is so much about this step (of that rollout); several share the invocation by their counts. An invocation
   * that says nothing belongs to its function: a check without a word is an idle check.
   */
  concerns(step: Step, rollout: string | undefined, count: number): void;
  /** The invocation has ended, well or not: both are billed. */
  end(): void;
}

/** How an invocation came about, and what its way there has cost. */
export interface Arrival {
  /** Messages that it brings; 1 where there is no batch. */
  readonly messages: number;
  readonly usage: Usage;
}

/** Takes what an invocation has used; `about` is the rollout and step, or the function where there is none. */
export interface UsageSink {
  add(about: UsageSubject, usage: Readonly<UsageCounts>, share: number, count: number): void;
}

/** What usage is counted under: a step, of a rollout where there is one, or a function by its key. */
export interface UsageSubject {
  readonly rollout?: string;
  readonly step: string;
}
