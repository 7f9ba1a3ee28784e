import type { DownloadTrouble } from '#shared/contracts/device/check.ts';
import type { Attempt } from '../attempt/attempt.ts';

/** The registry's facts of a device, as this service last heard them. */
export interface RegistryFacts {
  readonly entityVersion: number;
  readonly product: string;
  readonly hardware: string;
  readonly tags: readonly string[];
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly decommissioned: boolean;
  /** When it was last registered, milliseconds since 1970; unknown of devices that have not changed since registries tell. */
  readonly registeredAtMs?: number;
}

/** What a device was last seen running. */
export interface Running {
  readonly version: string;
  /** Its sequence, where it was proven to be a release of ours. */
  readonly sequence?: number;
  readonly digest?: string;
  readonly hardware: string;
  readonly bootId: string;
  readonly confirmed: boolean;
  /** What it could not download whole and right, by its own account. */
  readonly trouble?: DownloadTrouble;
  readonly seenAtMs: number;
}

/** An attempt of a device, by name. */
export interface AttemptName {
  readonly rollout: string;
  readonly attempt: string;
}

/** An attempt that its device's item holds: the one that is open, or the last one, where it ended as good. */
export interface HeldAttempt extends AttemptName {
  readonly sinceMs: number;
  readonly row: Attempt;
}

/** An attempt as its device holds it. */
export const heldIn = (rollout: string, row: Attempt): HeldAttempt => ({
  rollout,
  attempt: row.id,
  sinceMs: row.grantedMs,
  row,
});

/**
 * The one item of a device in this service: its facts, what it runs, its open attempt. `revision` rises with every write,
 * also when the registry speaks; it is 0 where nothing was written, or only by a version for which that did not count.
 */
export interface DeviceRecord {
  readonly tenant: string;
  readonly deviceId: string;
  /** Absent until the registry has told of the device. */
  readonly facts?: RegistryFacts;
  /** Absent until it has checked in. */
  readonly running?: Running;
  /** The highest sequence it has proven to run; nothing at or below it is ever offered. */
  readonly floor: number;
  /** The one attempt that is open, over all rollouts. */
  readonly open?: HeldAttempt;
  /** The last attempt, where it ended as good and is the only one in its rollout. It gets a row of its own with the next permit. */
  readonly proven?: HeldAttempt;
  /** An attempt that ended silent or lost, as long as the device has not been heard again. */
  readonly missing?: AttemptName;
  /** The last attempt whose end counted as bad. */
  readonly bad?: AttemptName;
  /** Attempts that are used up by rollout, for those in which it had one that ended; void and transient ends use none up. */
  readonly tried: Readonly<Record<string, number>>;
  /** The newest rollout in which it had one and that `tried` does not name any more, because it was over; absent where there is none. */
  readonly forgotten?: string;
  /** How many of those were excused, each of which another may follow; absent where none was. */
  readonly excused?: Readonly<Record<string, number>>;
  /** The boot before the present one, and how often the two have alternated of late: a sign of two devices with one identity. */
  readonly previousBootId?: string;
  readonly bootFlips: number;
  /** When they last did, milliseconds since 1970. */
  readonly flippedMs?: number;
  /** Two devices speak with this identity: it gets no offer and no permit, and what it had open is no evidence (quarantine.ts). */
  readonly quarantined: boolean;
  /** Since when. */
  readonly quarantinedMs?: number;
  readonly revision: number;
}

/** What changes of a device; a field that is `null` is removed. */
export interface DeviceChange {
  readonly running?: Running;
  readonly floor?: number;
  readonly open?: HeldAttempt | null;
  readonly proven?: HeldAttempt | null;
  readonly missing?: AttemptName | null;
  readonly bad?: AttemptName;
  readonly tried?: Readonly<Record<string, number>>;
  readonly forgotten?: string;
  readonly excused?: Readonly<Record<string, number>>;
  readonly previousBootId?: string;
  readonly bootFlips?: number;
  readonly flippedMs?: number | null;
  readonly quarantined?: boolean;
  readonly quarantinedMs?: number | null;
}

/**
 * Whether an attempt that ends stays with its device instead of getting a row: nothing moves a good one any more, and where it is the
 * device's first in its rollout there is no row that would tell of another.
 */
export const staysWithDevice = ({ state, past }: Attempt): boolean =>
  state === 'good' && Object.keys(past).length === 0;

/** Of how many rollouts a device remembers its attempts. */
const REMEMBERED_ROLLOUTS = 20;

/** Whether there may be an attempt of this device that has ended in `rollout`: what was forgotten may have been. */
export function mayHaveEndedIn({ tried, missing, forgotten }: DeviceRecord, rollout: string): boolean {
  if (Object.hasOwn(tried, rollout) || missing?.rollout === rollout) return true;
  // Ids sort by time.
  if (forgotten !== undefined && rollout <= forgotten) return true;
  return Object.keys(tried).length >= REMEMBERED_ROLLOUTS;
}

/**
 * What a device forgets that gets a permit while these rollouts are active: its attempts in those that are over, which offer nothing any
 * more. It would remember more with each update, until its item were above 1 KB and each write of it cost twice. Their rows stay; that
 * there may be some, `forgotten` tells.
 */
export function forgettingAllBut(
  { tried, excused, forgotten = '' }: DeviceRecord,
  active: ReadonlySet<string>,
): Pick<DeviceChange, 'tried' | 'excused' | 'forgotten'> {
  const over = Object.keys(tried).filter((rollout) => !active.has(rollout));
  if (over.length === 0) return {};
  return {
    tried: ofRollouts(tried, active),
    ...(excused && { excused: ofRollouts(excused, active) }),
    forgotten: [...over, forgotten].sort().at(-1) ?? '',
  };
}

const ofRollouts = (
  counts: Readonly<Record<string, number>>,
  rollouts: ReadonlySet<string>,
): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([rollout]) => rollouts.has(rollout)));

/** `tried` with attempts up to `number` (0: none) used up in `rollout`; the oldest rollouts are forgotten (ids sort by time). */
export function triedWith(
  tried: Readonly<Record<string, number>>,
  rollout: string,
  number: number,
): Record<string, number> {
  const all = { ...tried, [rollout]: number };
  return Object.fromEntries(Object.entries(all).sort().slice(-REMEMBERED_ROLLOUTS));
}

/** `excused` with one more attempt in `rollout`, for as long as its rollout is one of those in `tried`. */
export function excusedWith(
  excused: Readonly<Record<string, number>> = {},
  rollout: string,
  tried: Readonly<Record<string, number>>,
): Record<string, number> {
  const all = { ...excused, [rollout]: (excused[rollout] ?? 0) + 1 };
  return ofRollouts(all, new Set(Object.keys(tried)));
}
