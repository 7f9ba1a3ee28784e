import { compileSelector } from '../selector/compile-selector.ts';
import { parseSelector } from '../selector/parse-selector.ts';
import { type DeviceFacts, type DeviceSays, subjectOf, takesPartIn } from './device.ts';

/** The rollout whose members are asked for. */
export interface Membership {
  readonly rollout: string;
  readonly product: string;
  /** The selector of its document. */
  readonly selector: string;
  /** What its release has an artifact for. */
  readonly hardware: ReadonlySet<string>;
}

/** Whether a device of the product is in service and matches the selector as it was last seen. Throws what parsing the selector throws. */
export function matchingOf({
  product,
  selector,
}: Pick<Membership, 'product' | 'selector'>): (facts: DeviceFacts) => boolean {
  const matches = compileSelector(parseSelector(selector));
  return (facts) =>
    facts.product === product && !facts.decommissioned && matches(subjectOf(facts, lastSeen(facts)));
}

/**
 * Whether a device is a member: it matches the selector and the release has an artifact for it, or it takes part already. A stage is a share
 * of those whom the release can reach: a board that it was never built for must not let more of the others be exposed. An update changes
 * what selectors look at (`version < "2.1.0"`), and so do people: a device that takes part fills a place of its stage whatever it has
 * become, decommissioned included, so that it stays in the fleet that stages are shares of. Throws what parsing the selector throws.
 */
export function memberOf({ rollout, hardware, ...who }: Membership): (facts: DeviceFacts) => boolean {
  const isMatching = matchingOf(who);
  return (facts) => takesPartIn(facts, rollout) || (hardware.has(facts.hardware) && isMatching(facts));
}

/** A device as it was last seen; one that has never checked in runs a version that is not known. */
export const lastSeen = ({ hardware, running }: DeviceFacts): DeviceSays => ({
  hardware,
  version: running?.version ?? '',
});
