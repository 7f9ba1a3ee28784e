import { decideOffer } from '../decide-offer.ts';
import type { DeviceFacts, DeviceSays, ReleasedVersion } from '../device.ts';
import type { Trace } from '../trace.ts';
import { deviceFacts, deviceSays, NOON, type RolloutChange, rolloutWith } from './builders.ts';

/** In what a device and a rollout differ from a pair in which nothing speaks against an offer. */
export interface Change {
  readonly facts?: Partial<DeviceFacts>;
  readonly says?: Partial<DeviceSays>;
  readonly released?: ReleasedVersion;
  readonly rollout?: RolloutChange;
  readonly nowMs?: number;
}

/** What the decision says of the rollout: the rule that says no, or `offered`. */
export function traceOn({ facts, says, released, rollout, nowMs = NOON }: Change): Trace[number] | undefined {
  const trace: Trace = [];
  const asked = { facts: deviceFacts(facts), says: deviceSays(says), released, nowMs };
  decideOffer(asked, [rolloutWith(rollout)], trace);
  return trace[0];
}

/** Bytes that are not those of the rollout's release. */
export const OTHER_DIGEST = 'c'.repeat(64);
/** A release of sequence 8, which is one after that of the rollout. */
export const LATER: ReleasedVersion = {
  sequence: 8,
  sha256ByHardware: new Map([['cam-rev-b', OTHER_DIGEST]]),
};
