import type { TimelineEvent } from './timeline.ts';

/** States that an attempt passes while it is open, in order. */
export const OPEN_STATES = ['granted', 'installing', 'rebooting'] as const;
export type OpenState = (typeof OPEN_STATES)[number];
/** How an attempt ends, for good. */
export const END_STATES = ['good', 'failed', 'reverted', 'silent', 'lost', 'void'] as const;
export type EndState = (typeof END_STATES)[number];
/** Where an attempt is. */
export type AttemptState = OpenState | EndState;

/** Counts of attempts that are over and were followed by another of the same device, as `<cohort>.<kind>`. */
export type PastTally = Readonly<Record<string, number>>;

/** What a device was permitted to install. */
export interface Target {
  readonly version: string;
  /** Sha256 of the image, where the release's manifest gives one that devices can report. */
  readonly digest?: string;
  readonly sequence: number;
}

/**
 * One try of one device to install one release, from permit to its end: the update row without its key. Times are milliseconds
 * since 1970.
 */
export interface Attempt {
  readonly id: string;
  /** 1 for a device's first attempt in the rollout, which alone is evidence; void and transient ends do not raise it. */
  readonly number: number;
  readonly state: AttemptState;
  /** The last open state it passed: what was counted on the way to its end. */
  readonly reached: OpenState;
  /** Epoch and cohort of its permit; all of its counts go there. */
  readonly epoch: number;
  readonly cohort: number;
  readonly grantedMs: number;
  readonly permitEndMs: number;
  readonly target: Target;
  /** The version that ran when the permit was asked for. */
  readonly from: string;
  /** The boot that last spoke for this attempt; only another boot proves anything. */
  readonly bootId: string;
  /** When the word that `state` rests on was heard. */
  readonly spokenMs: number;
  /** Begun by the request for its permit: the number of the request of that boot that was last answered. */
  readonly asked?: number;
  /** Begun by a request that promised to begin within its permit, and to say nothing before the next boot. */
  readonly promised?: true;
  /** When silence decides; absent once it has ended. */
  readonly deadlineMs?: number;
  /** Until when the device said it may be away. */
  readonly backByMs?: number;
  readonly endedMs?: number;
  readonly reason?: string;
  /** Failed for a reason that says nothing about the release. */
  readonly transient?: true;
  /** Taken out of the evidence: a bad end by an operator, or, open as well, because its device is in quarantine. */
  readonly excused?: true;
  /** Silent, lost or void, and heard again; the verdict stays. */
  readonly recovered?: true;
  /** The device itself says that it succeeded, which proves nothing. */
  readonly claimed?: true;
  /** The device was told to forget the permit; it ends as void at its time, unless an install had begun. */
  readonly withdrawn?: true;
  /** Installs of this attempt number that were interrupted before "rebooting". */
  readonly interruptions: number;
  /** The last 20 events, those of earlier attempts included. */
  readonly events: readonly TimelineEvent[];
  /** What earlier attempts of this device in this rollout were counted as. */
  readonly past: PastTally;
}

/** Whether an attempt has not ended. */
export const isOpen = (attempt: Attempt): attempt is Attempt & { readonly state: OpenState } =>
  attempt.endedMs === undefined;
