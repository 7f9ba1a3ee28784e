import type { PreparedRollout, ReleaseArtifact } from './active-rollout.ts';
import { permitAgainSeconds } from './ask-again.ts';
import { type DeviceFacts, type DeviceSays, subjectOf } from './device.ts';
import { explainDeviceRule, explainRule } from './explain.ts';
import { objectionToDevice, objectionToRollout } from './objections.ts';
import { type DeviceRule, isPassing, type Rule } from './rules.ts';

/** What the device has downloaded and wants to install. */
export interface PermitQuestion {
  readonly rollout: string;
  /** `<product>/<version>`. */
  readonly release: string;
}

/** Whether a device may install, evidence window and ceiling aside: those only the permit's transaction can decide. */
export type PermitDecision =
  | { readonly answer: 'may'; readonly rollout: PreparedRollout; readonly artifact: ReleaseArtifact }
  | {
      readonly answer: 'wait';
      readonly rule: Rule;
      readonly retryAfterSeconds: number;
      /** In words, for people. */
      readonly why: string;
    }
  | { readonly answer: 'withdrawn'; readonly rule: Rule; readonly why: string };

/**
 * Whether all that must hold for an offer of that very rollout still holds at `nowMs`, out of the rollouts that are active for the
 * product, in the order of `inPriorityOrder`. A reason that passes means wait; any other takes the offer back.
 *
 * A device whose open attempt is of that rollout repeats itself: its attempt does not speak against it, nor does a rollout of higher
 * priority, which takes a device only while it holds no permit.
 */
export function mayInstall(
  facts: DeviceFacts | undefined,
  says: DeviceSays,
  question: PermitQuestion,
  rollouts: readonly PreparedRollout[],
  nowMs: number,
): PermitDecision {
  const refusal = objectionToDevice(facts, says);
  if (refusal !== undefined || facts === undefined) {
    const rule = refusal ?? 'unknown-device';
    return { answer: 'withdrawn', rule, why: shortened(explainDeviceRule(rule, facts, says).explanation) };
  }
  const rollout = rollouts.find((one) => one.rollout === question.rollout);
  if (rollout === undefined) {
    return { answer: 'withdrawn', rule: 'rollout-not-active', why: 'the rollout is not active any more' };
  }
  const rule = objectionToPermit(facts, says, question, rollout, rollouts, nowMs);
  const artifact = rollout.artifactByHardware.get(facts.hardware);
  if (rule === undefined && artifact !== undefined) return { answer: 'may', rollout, artifact };
  return answerNo(rule ?? 'no-artifact', facts, says, rollout, nowMs);
}

function objectionToPermit(
  facts: DeviceFacts,
  says: DeviceSays,
  question: PermitQuestion,
  rollout: PreparedRollout,
  rollouts: readonly PreparedRollout[],
  nowMs: number,
): Exclude<Rule, DeviceRule> | undefined {
  if (rollout.release.name !== question.release) return 'other-release';
  if (facts.open !== undefined && facts.open.rollout !== rollout.rollout) return 'attempt-open';
  const subject = subjectOf(facts, says);
  const objection = objectionToRollout(facts, says, subject, rollout, nowMs);
  if (objection !== undefined || facts.open !== undefined) return objection;
  for (const higher of rollouts.slice(0, rollouts.indexOf(rollout))) {
    const rule = objectionToRollout(facts, says, subject, higher, nowMs);
    if (rule === undefined) return 'outranked';
    if (rule === 'paused') return 'blocked-by-paused';
  }
  return undefined;
}

function answerNo(
  rule: Exclude<Rule, DeviceRule>,
  facts: DeviceFacts,
  says: DeviceSays,
  rollout: PreparedRollout,
  nowMs: number,
): PermitDecision {
  const why = shortened(explainRule(rule, { facts, says, rollout, nowMs }).explanation);
  if (!isPassing(rule)) return { answer: 'withdrawn', rule, why };
  return { answer: 'wait', rule, why, retryAfterSeconds: permitAgainSeconds(rule, facts, rollout, nowMs) };
}

/** What the contract of the permit answer allows. */
const shortened = (why: string): string => why.slice(0, 200);
