import type { PreparedRollout, ReleaseArtifact } from './active-rollout.ts';
import { offerAgainSeconds } from './ask-again.ts';
import { type DeviceFacts, type DeviceSays, subjectOf } from './device.ts';
import { explainDeviceRule } from './explain.ts';
import { objectionToDevice, objectionToRollout } from './objections.ts';
import type { DeviceRule, OtherRule } from './rules.ts';
import { note, noteDevice, noteOffered, type Trace } from './trace.ts';

/** What a device that checks in is told. */
export type OfferDecision =
  | { readonly kind: 'offer'; readonly rollout: PreparedRollout; readonly artifact: ReleaseArtifact }
  /** Nothing now; where `retryAfterSeconds` is given, its turn is near and it is worth telling. */
  | { readonly kind: 'nothing'; readonly retryAfterSeconds?: number }
  /** Nothing from any rollout, for a reason that lies in the device. */
  | { readonly kind: 'refused'; readonly rule: DeviceRule };

const NOTHING: OfferDecision = { kind: 'nothing' };

/**
 * What a device gets at `nowMs`, out of the rollouts that are active for its product, in the order of `inPriorityOrder`. The first
 * rollout that nothing speaks against is offered; a paused one that would serve the device ends the search.
 *
 * `why` is this very function with a `trace`: it decides the same and writes down the first rule that said no to each.
 */
export function decideOffer(
  facts: DeviceFacts | undefined,
  says: DeviceSays,
  rollouts: readonly PreparedRollout[],
  nowMs: number,
  trace?: Trace,
): OfferDecision {
  const refusal = objectionToDevice(facts, says);
  if (refusal !== undefined || facts === undefined) {
    const rule = refusal ?? 'unknown-device';
    if (trace !== undefined) noteDevice(trace, rule, explainDeviceRule(rule, facts, says), rollouts);
    return { kind: 'refused', rule };
  }
  if (rollouts.length === 0) return NOTHING;
  if (facts.open !== undefined) {
    if (trace !== undefined) noteRest(trace, 'attempt-open', facts, says, rollouts, nowMs);
    return NOTHING;
  }
  const subject = subjectOf(facts, says);
  let retryAfterSeconds: number | undefined;
  for (const [index, rollout] of rollouts.entries()) {
    const rule = objectionToRollout(facts, says, subject, rollout, nowMs);
    const artifact = rollout.artifactByHardware.get(facts.hardware);
    if (rule === undefined && artifact !== undefined) {
      if (trace !== undefined) {
        noteOffered(trace, rollout);
        noteRest(trace, 'outranked', facts, says, rollouts.slice(index + 1), nowMs);
      }
      return { kind: 'offer', rollout, artifact };
    }
    // `objectionToRollout` has asked for the artifact: the type cannot tell.
    const objection = rule ?? 'no-artifact';
    if (trace !== undefined) note(trace, objection, { facts, says, rollout, nowMs });
    if (objection === 'paused') {
      if (trace !== undefined)
        noteRest(trace, 'blocked-by-paused', facts, says, rollouts.slice(index + 1), nowMs);
      break;
    }
    const seconds = offerAgainSeconds(objection, facts, rollout, nowMs);
    if (seconds !== undefined && seconds < (retryAfterSeconds ?? Number.POSITIVE_INFINITY)) {
      retryAfterSeconds = seconds;
    }
  }
  return retryAfterSeconds === undefined ? NOTHING : { kind: 'nothing', retryAfterSeconds };
}

function noteRest(
  trace: Trace,
  rule: OtherRule,
  facts: DeviceFacts,
  says: DeviceSays,
  rollouts: readonly PreparedRollout[],
  nowMs: number,
): void {
  for (const rollout of rollouts) note(trace, rule, { facts, says, rollout, nowMs });
}
