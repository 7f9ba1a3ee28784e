import type { Item } from '#shared/capabilities/table.ts';
import type { DeviceTraits } from '../fleet/simulated-device.ts';
import type { ReleasePlan } from '../operators/manufacturer.ts';
import type { RolloutPlan } from '../run/scenario.ts';

/** One attempt as its row told of it, from its permit on; the last row of it stays when another attempt follows. */
export interface KnownAttempt {
  readonly id: string;
  readonly rollout: KnownRollout;
  readonly thing: string;
  /** True time at which its permit was committed. */
  readonly grantedMs: number;
  row: Item;
  /** True time at which its end was committed. */
  endedMs?: number;
  /** What its rollout was when it was taken out of the evidence; absent where only a crash has shown that it was. */
  excusedWhile?: string;
}

/** A time by the clock of the host, and when it was first seen to be noted. */
interface Noted {
  readonly notedMs: unknown;
  readonly sinceMs: number;
}

/** One rollout, by its items. */
export interface KnownRollout {
  readonly id: string;
  readonly tenant: string;
  readonly release: ReleasePlan;
  readonly plan: RolloutPlan;
  /** Its own document asks for a hold-out of the release. */
  readonly asksHoldOut: boolean;
  state: string;
  stage: number;
  /** Since when, in true time, it has been in that state. */
  sinceMs: number;
  /** When it was first seen to be launched. */
  launchedMs?: number;
  /** What its row says of when its stage opened, and since when, in true time, it says so; and of when its cursor moved. */
  opened?: Noted;
  moved?: Noted;
  /** What the last audit entry says that it is. */
  audited: string;
  /** Sort keys of the audit entries that were seen. */
  readonly entries: Set<string>;
  /** Whether one of them says that somebody excused what failed. */
  hasExcuse: boolean;
}

/** What truly is of a device. */
export interface KnownDevice {
  readonly traits: DeviceTraits;
  version: string;
  /** What it says that it runs; one that lies is taken at its word. */
  claims: string;
  /** Since when that version runs. */
  sinceMs: number;
  /** When each digest first ran as a permanent image. */
  readonly proven: Map<string, number>;
  isBricked: boolean;
  /** Since when the backend knows of it. */
  knownSinceMs?: number;
  /** The tags that the orchestrator has known it to have, the present ones last, and since when. */
  readonly tagged: { readonly tags: readonly string[]; readonly sinceMs: number }[];
  /** The tags that the registry has answered for last, and the version of the device that has them. */
  promised?: { readonly tags: readonly string[]; readonly entityVersion: number };
  /** The version that the backend has last seen it run, and since when. */
  seen?: { readonly version: string; readonly sinceMs: number };
  /** Since when the backend knows that it gets nothing: in quarantine or decommissioned. */
  shutOutMs?: number;
  /** Since when it is registered once more, after it was decommissioned. */
  backSinceMs?: number;
  /** Whether two sessions of it lasted at once, as this broker lets those of a clone: a real one ends the first. */
  wasShared: boolean;
  /** The sessions that it has, and since when it has these. */
  connection?: { readonly sessions: readonly string[]; readonly sinceMs: number };
  /** Whether an event of one of its sessions was lost. */
  isSessionUntold?: boolean;
  /** Whether it ever was in quarantine. */
  wasInQuarantine: boolean;
  /** The highest sequence that was counted as good, and since when. */
  floor: { readonly sequence: number; readonly sinceMs: number };
  /** Permit requests, one after the other, that nothing kept from being granted, since the faults have stopped. */
  asks: number;
  /** Boots in which it has asked to begin with its permit. */
  readonly begins: Set<string>;
  /** Attempts whose install it has truly begun. */
  readonly begun: Set<string>;
  /** Events of its reports that the broker has acknowledged, `<attempt> <state>`, and when it first did. */
  readonly told: Map<string, number>;
  /** Acknowledgements that it was sent: the highest event number by attempt, and what had been said up to there. */
  readonly acked: Map<string, number>;
  readonly said: Map<string, Map<number, string>>;
  /** When it was last sent each other answer: `refused <kind>`, `permit <nonce>`, `withdrawn <attempt>`. */
  readonly answers: Map<string, number>;
  /** When it last asked for an offer or a permit, by nonce. */
  readonly asked: Map<string, number>;
  /** Its item of the orchestrator's table. */
  item?: Item;
}

/** A report that lies in the queue. */
export interface UnreadReport {
  readonly attempt: string;
  /** What it says, in words. */
  readonly states: string;
  readonly sentAtMs: number;
}

/**
 * An item of the orchestrator's table, or the row of an attempt in one, has changed. `isOrdered` is false for what is found changed after a
 * crash.
 */
export interface RowChange {
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly isOrdered: boolean;
}

/** The cohort of every attempt but a device's first. */
const RETRIES = 201;

/** Whether it is evidence: a device's first attempt. */
export const isFirst = ({ row }: KnownAttempt): boolean => row.cohort !== RETRIES;
/** Whether its device may try again as if it had not. */
export const isForgiven = ({ row }: KnownAttempt): boolean => row.state === 'void' || row.transient === 1;
/** Whether it was no fault of the release, so that its device may try once more; it keeps its place. */
export const isExcused = ({ row }: KnownAttempt): boolean => row.excused === 1;
/** Whether it gave its place back; what was taken out of the evidence keeps it. */
export const isReturned = (attempt: KnownAttempt): boolean => isForgiven(attempt) && !isExcused(attempt);
/** Whether the window still waits for it: what was taken out of the evidence it does not wait for. */
export const isAwaited = (attempt: KnownAttempt): boolean => isOpen(attempt) && !isExcused(attempt);
/** Whether it has not ended. */
export const isOpen = ({ row }: KnownAttempt): boolean => row.endedMs === undefined;
