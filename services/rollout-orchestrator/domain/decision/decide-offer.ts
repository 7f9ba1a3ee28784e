import type { PreparedRollout, ReleaseArtifact } from './active-rollout.ts';
import { offerAgainSeconds } from './ask-again.ts';
import { askingOf, type Inquiry } from './device.ts';
import { explainDeviceRule } from './explain.ts';
import { artifactOrObjection, standingOf } from './objections.ts';
import type { DeviceRule } from './rules.ts';
import { note, noteDevice, noteEach, noteOffered, type Trace } from './trace.ts';

/** What a device that checks in is told; a rollout that is offered is one of those that were handed in. */
export type OfferDecision<Rollout = PreparedRollout> =
  | { readonly kind: 'offer'; readonly rollout: Rollout; readonly artifact: ReleaseArtifact }
  /** Nothing now; where `retryAfterSeconds` is given, its turn is near and it is worth telling. */
  | { readonly kind: 'nothing'; readonly retryAfterSeconds?: number }
  /** Nothing from any rollout, for a reason that lies in the device. */
  | { readonly kind: 'refused'; readonly rule: DeviceRule };

const NOTHING = { kind: 'nothing' } as const;

/**
 * What a device that asks gets, out of the rollouts that are active for its product, in the order of `inPriorityOrder`. The first
 * rollout that nothing speaks against is offered; a paused one that would serve the device ends the search.
 *
 * `why` is this very function with a `trace`: it decides the same and writes down the first rule that said no to each.
 */
export function decideOffer<Rollout extends PreparedRollout>(
  inquiry: Inquiry,
  rollouts: readonly Rollout[],
  trace?: Trace,
): OfferDecision<Rollout> {
  const facts = standingOf(inquiry);
  if (typeof facts === 'string') {
    if (trace !== undefined) noteDevice(trace, facts, explainDeviceRule(facts, inquiry), rollouts);
    return { kind: 'refused', rule: facts };
  }
  if (rollouts.length === 0) return NOTHING;
  const asking = askingOf(facts, inquiry);
  if (facts.open !== undefined) {
    if (trace !== undefined) noteEach(trace, 'attempt-open', asking, rollouts);
    return NOTHING;
  }
  let retryAfterSeconds: number | undefined;
  for (const [index, rollout] of rollouts.entries()) {
    const found = artifactOrObjection(asking, rollout);
    if (typeof found !== 'string') {
      if (trace !== undefined) {
        noteOffered(trace, rollout);
        noteEach(trace, 'outranked', asking, rollouts.slice(index + 1));
      }
      return { kind: 'offer', rollout, artifact: found };
    }
    if (trace !== undefined) note(trace, found, { ...asking, rollout });
    if (found === 'paused') {
      if (trace !== undefined) noteEach(trace, 'blocked-by-paused', asking, rollouts.slice(index + 1));
      break;
    }
    const seconds = offerAgainSeconds(found, facts, rollout, inquiry.nowMs);
    if (seconds !== undefined && seconds < (retryAfterSeconds ?? Number.POSITIVE_INFINITY)) {
      retryAfterSeconds = seconds;
    }
  }
  return retryAfterSeconds === undefined ? NOTHING : { kind: 'nothing', retryAfterSeconds };
}
