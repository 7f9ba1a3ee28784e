import type { PreparedRollout, ReleaseArtifact } from './active-rollout.ts';
import { permitAgainSeconds } from './ask-again.ts';
import { type Asking, askingOf, type Inquiry } from './device.ts';
import { type Case, explainDeviceRule, explainRule } from './explain.ts';
import { artifactOrObjection, standingOf } from './objections.ts';
import { type DeviceRule, isPassing, type Rule } from './rules.ts';

/** What the device has downloaded and wants to install. */
export interface PermitQuestion {
  readonly rollout: string;
  /** `<product>/<version>`. */
  readonly release: string;
}

/**
 * Whether a device may install, evidence window and ceiling aside: those only the permit's transaction can decide. The rollout is one of
 * those that were handed in.
 */
export type PermitDecision<Rollout = PreparedRollout> =
  | { readonly answer: 'may'; readonly rollout: Rollout; readonly artifact: ReleaseArtifact }
  | {
      readonly answer: 'wait';
      readonly rule: Rule;
      readonly retryAfterSeconds: number;
      /** In words, for people. */
      readonly why: string;
    }
  | { readonly answer: 'withdrawn'; readonly rule: Rule; readonly why: string };

/**
 * Whether all that must hold for an offer of that very rollout still holds, out of the rollouts that are active for the
 * product, in the order of `inPriorityOrder`. A reason that passes means wait; any other takes the offer back.
 *
 * A device whose open attempt is of that rollout repeats itself: its attempt does not speak against it, nor does a rollout of higher
 * priority, which takes a device only while it holds no permit.
 */
export function mayInstall<Rollout extends PreparedRollout>(
  inquiry: Inquiry,
  question: PermitQuestion,
  rollouts: readonly Rollout[],
): PermitDecision<Rollout> {
  const facts = standingOf(inquiry);
  if (typeof facts === 'string') {
    const why = shortened(explainDeviceRule(facts, inquiry).explanation);
    return { answer: 'withdrawn', rule: facts, why };
  }
  const rollout = rollouts.find((one) => one.rollout === question.rollout);
  if (rollout === undefined) {
    return { answer: 'withdrawn', rule: 'rollout-not-active', why: 'the rollout is not active any more' };
  }
  const asking = askingOf(facts, inquiry);
  const found = artifactAskedFor(asking, question, rollout, rollouts);
  if (typeof found !== 'string') return { answer: 'may', rollout, artifact: found };
  return answerNo(found, { ...asking, rollout });
}

/** What the device asks for, if it still is for it; otherwise the first reason that speaks against it. */
function artifactAskedFor(
  asking: Asking,
  question: PermitQuestion,
  rollout: PreparedRollout,
  rollouts: readonly PreparedRollout[],
): ReleaseArtifact | Exclude<Rule, DeviceRule> {
  const { open } = asking.facts;
  if (rollout.release.name !== question.release) return 'other-release';
  if (open !== undefined && open.rollout !== rollout.rollout) return 'attempt-open';
  const found = artifactOrObjection(asking, rollout);
  if (typeof found === 'string' || open !== undefined) return found;
  for (const higher of rollouts.slice(0, rollouts.indexOf(rollout))) {
    const taken = artifactOrObjection(asking, higher);
    if (typeof taken !== 'string') return 'outranked';
    if (taken === 'paused') return 'blocked-by-paused';
  }
  return found;
}

function answerNo(rule: Exclude<Rule, DeviceRule>, on: Case): PermitDecision<never> {
  const why = shortened(explainRule(rule, on).explanation);
  if (!isPassing(rule)) return { answer: 'withdrawn', rule, why };
  const { facts, rollout, nowMs } = on;
  return { answer: 'wait', rule, why, retryAfterSeconds: permitAgainSeconds(rule, facts, rollout, nowMs) };
}

/** What the contract of the permit answer allows. */
const shortened = (why: string): string => why.slice(0, 200);
