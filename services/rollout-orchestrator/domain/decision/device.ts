import type { SelectorSubject } from '../selector/syntax-tree.ts';

/** What is stored of a device: the registry's facts and what its attempts proved. */
export interface DeviceFacts {
  readonly tenant: string;
  readonly deviceId: string;
  readonly product: string;
  readonly hardware: string;
  readonly tags: readonly string[];
  readonly attributes: SelectorSubject['attributes'];
  readonly decommissioned: boolean;
  /** It contradicted itself, or another claims its identity (device protocol). */
  readonly quarantined: boolean;
  /** What it was last proved or seen to run; `sequence` where that is a release of ours, `digest` where it says one. */
  readonly running?: { readonly version: string; readonly sequence?: number; readonly digest?: string };
  /** The highest sequence that it was proved to run; 0 for none. */
  readonly floor: number;
  /** The attempt that has not ended, of whatever rollout. */
  readonly open?: { readonly rollout: string; readonly attempt: string; readonly sinceMs: number };
  /** Attempts by rollout that are not void, the open one included. */
  readonly tried: Readonly<Record<string, number>>;
  /** Attempts by rollout that were excused: so many more it may have. */
  readonly excused?: Readonly<Record<string, number>>;
}

/** What the device says of itself in the message that is being answered. */
export interface DeviceSays {
  readonly product?: string;
  readonly hardware: string;
  /** What runs now. */
  readonly version: string;
  readonly digest?: string;
}

/** A release of a product, by what tells whether a device runs it. Neither ever changes once it is published, nor by its revocation. */
export interface ReleasedVersion {
  readonly sequence: number;
  readonly sha256ByHardware: ReadonlyMap<string, string>;
}

/** A device that asks what there is for it. */
export interface Inquiry {
  /** `undefined` where the registry has not told of the device. */
  readonly facts: DeviceFacts | undefined;
  readonly says: DeviceSays;
  /** The release of the version that it says, where its product has one; not looked for where the device was proven to run it. */
  readonly released?: ReleasedVersion | undefined;
  /** When it is answered, milliseconds since 1970. */
  readonly nowMs: number;
}

/** The inquiry of a device in good standing (`standingOf`): all that a rollout looks at of a device. */
export interface Asking extends Inquiry {
  readonly facts: DeviceFacts;
  readonly subject: SelectorSubject;
}

/** The inquiry of a device of which all that is known was found in order. */
export const askingOf = (facts: DeviceFacts, { says, released, nowMs }: Inquiry): Asking => ({
  facts,
  says,
  released,
  subject: subjectOf(facts, says),
  nowMs,
});

/** The device as a selector sees it: what runs is what the device says, all else what is stored. */
export function subjectOf(facts: DeviceFacts, says: DeviceSays): SelectorSubject {
  return {
    deviceId: facts.deviceId,
    product: facts.product,
    hardware: facts.hardware,
    version: says.version,
    tags: facts.tags,
    attributes: facts.attributes,
  };
}

/** Sequence of what a device was proven to run, where that is the version given. */
export const provenSequence = (running: DeviceFacts['running'], version: string): number | undefined =>
  running?.version === version ? running.sequence : undefined;

/**
 * Sequence of what runs: as it was proven, or else that of the release of that name, which is what left the factory with it. `undefined`
 * when it is no release of ours: none of that name, none for that hardware, or other bytes, where the device tells their digest.
 */
export function runningSequence({
  facts,
  says,
  released,
}: Pick<Asking, 'facts' | 'says' | 'released'>): number | undefined {
  const proven = provenSequence(facts.running, says.version);
  if (proven !== undefined || released === undefined) return proven;
  const sha256 = released.sha256ByHardware.get(facts.hardware);
  const digest = runningDigest(facts, says);
  const isRelease = sha256 !== undefined && (digest === undefined || digest === sha256);
  return isRelease ? released.sequence : undefined;
}

/** Sha256 of what runs; `undefined` where the device has told none of this version. A request for a permit tells none. */
export function runningDigest({ running }: DeviceFacts, { version, digest }: DeviceSays): string | undefined {
  return digest ?? (running?.version === version ? running.digest : undefined);
}

/** How often the device has tried that rollout. */
export const triesOf = ({ tried }: DeviceFacts, rollout: string): number => ownCount(tried, rollout);

/** How often the device may try a rollout that allows each of them so many attempts. */
export const mostTriesOf = ({ excused }: DeviceFacts, rollout: string, attempts: number): number =>
  excused === undefined ? attempts : attempts + ownCount(excused, rollout);

function ownCount(counts: Readonly<Record<string, number>>, rollout: string): number {
  // The names are ids of ours, but the record comes from a table: `constructor` must not be a number of tries.
  return Object.hasOwn(counts, rollout) ? (counts[rollout] ?? 0) : 0;
}

/** Whether the device was ever permitted the release in that rollout: its attempt is open or has ended, also as void (0 are used up then). */
export const takesPartIn = (facts: DeviceFacts, rollout: string): boolean =>
  facts.open?.rollout === rollout || Object.hasOwn(facts.tried, rollout);

/** Whether the device has a place in that rollout: its attempt is open, or has ended as anything that uses one up. */
export const isExposedIn = (facts: DeviceFacts, rollout: string): boolean =>
  facts.open?.rollout === rollout || triesOf(facts, rollout) > 0;
