import type { PreparedRollout } from './active-rollout.ts';
import type { Asking } from './device.ts';
import { type Case, type Explanation, explainRule } from './explain.ts';
import type { DeviceRule, OtherRule, Rule } from './rules.ts';

/** What the decision found for one rollout: the first rule that said no, or `offered`. */
export interface TraceEntry extends Explanation {
  readonly rollout: string;
  readonly release: string;
  readonly rule: Rule | 'offered';
}

/** Where a decision writes down what it finds, in its own order. Only `why` passes one: explaining costs texts. */
export type Trace = TraceEntry[];

/** Writes down that a rule said no to a rollout. */
export function note(trace: Trace, rule: Exclude<Rule, DeviceRule>, on: Case): void {
  trace.push({ ...names(on.rollout), rule, ...explainRule(rule, on) });
}

/** Writes down, for each of these rollouts, a reason that lies in another one. */
export function noteEach(
  trace: Trace,
  rule: OtherRule,
  asking: Asking,
  rollouts: readonly PreparedRollout[],
): void {
  for (const rollout of rollouts) note(trace, rule, { ...asking, rollout });
}

/** Writes down that the rollout is offered. */
export function noteOffered(trace: Trace, rollout: PreparedRollout): void {
  const explanation = `it is offered ${rollout.release.name}`;
  trace.push({ ...names(rollout), rule: 'offered', explanation });
}

/** Writes down, for every rollout, a reason that lies in the device. */
export function noteDevice(
  trace: Trace,
  rule: DeviceRule,
  explained: Explanation,
  rollouts: readonly PreparedRollout[],
): void {
  for (const rollout of rollouts) trace.push({ ...names(rollout), rule, ...explained });
}

const names = (rollout: PreparedRollout): { rollout: string; release: string } => ({
  rollout: rollout.rollout,
  release: rollout.release.name,
});
