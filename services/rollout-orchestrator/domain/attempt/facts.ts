import type { ReportState } from '#shared/contracts/device/report.ts';
import type { TimesAway } from '../clock/away.ts';
import type { CounterKind } from '../counting/counter-kinds.ts';
import type { Attempt } from './attempt.ts';

/** One event of a device's report. */
export interface ReportFact {
  readonly fact: 'report';
  readonly attempt: string;
  readonly seq: number;
  readonly state: ReportState;
  readonly reason?: string;
  /** The boot that the event happened in. */
  readonly bootId: string;
  /** When the backend heard it, by the broker's clock. */
  readonly atMs: number;
  readonly backWithinSeconds?: number;
}

/** The proof part of a check: what a device runs, in which boot, and whether for good. */
export interface SightingFact {
  readonly fact: 'sighting';
  readonly version: string;
  readonly digest?: string;
  readonly bootId: string;
  readonly confirmed: boolean;
  readonly atMs: number;
  /** The attempt that the device remembers, and how far it says it came. */
  readonly last?: { readonly attempt: string; readonly state: string };
  readonly backWithinSeconds?: number;
}

/** A look at the clock. */
export interface DeadlineFact {
  readonly fact: 'deadline';
  readonly nowMs: number;
  /** When the backend could last hear again after it could not; silence has a grace from there on. */
  readonly resumedAtMs?: number;
  /** When the oldest unread report was sent, asked before the row was read; absent when none is unread. */
  readonly oldestUnreadMs?: number;
}

/** The device asked again after a halt, pause or abort and was told to forget its permit. */
export interface WithdrawnFact {
  readonly fact: 'withdrawn';
  readonly attempt: string;
  readonly atMs: number;
}

/**
 * The device asks for a permit that it already has, and says that it begins as soon as it is granted. What it asks later it asks
 * because no earlier answer reached it in time, and will never take one of them any more.
 */
export interface AskedFact {
  readonly fact: 'asked';
  readonly attempt: string;
  /** The number of the request, rising within its boot. */
  readonly number: number;
  readonly bootId: string;
  /** When it was heard, by the broker's clock. */
  readonly atMs: number;
  /** Whether it will be answered with the same permit; if not, the attempt has not begun and never will. */
  readonly again: boolean;
  /** Not with the permit, but answered: a copy of it asks for nothing any more. */
  readonly denied?: true;
}

/** An operator takes a bad end out of the evidence. */
export interface ExcusedFact {
  readonly fact: 'excused';
  readonly attempt: string;
  readonly atMs: number;
}

/** Two devices use the identity: what its attempt has come to, or is still to come to, is no evidence. Holds for all that is heard with it. */
export interface QuarantinedFact {
  readonly fact: 'quarantined';
  readonly attempt: string;
  readonly atMs: number;
}

/** Everything that can move an attempt. */
export type Fact =
  | ReportFact
  | SightingFact
  | DeadlineFact
  | WithdrawnFact
  | AskedFact
  | ExcusedFact
  | QuarantinedFact;

/** What attempts of a rollout are judged by: its durations, in milliseconds, and what is known of hearing. */
export interface AttemptContext {
  /** How long a device may be unheard after "rebooting". */
  readonly silentAfterMs: number;
  /** How long after its permit's end an install that began may take to say "rebooting". */
  readonly installWithinMs: number;
  /** How long devices take to connect again after the backend was away. */
  readonly reconnectJitterMs: number;
  /** When devices could not be heard, where a proof may be among the facts. */
  readonly away?: TimesAway;
}

/** A counter that an applied fact moves; only excusing takes a count back. */
export interface Transition {
  readonly kind: CounterKind;
  readonly change: 1 | -1;
}

/** Why a fact left a row as it was. */
export type IgnoredBecause =
  | 'other-attempt'
  | 'ended'
  | 'repeated'
  | 'progress'
  | 'stale'
  | 'same-boot'
  | 'not-begun'
  | 'awaiting-report'
  | 'contradiction'
  | 'not-due'
  | 'unread-reports'
  | 'begun'
  | 'not-bad';

/**
 * What a fact does to an attempt. `ignored` is there exactly when the row stays as it was, and then `attempt` is the very object
 * that came in; a row may change without a transition (a claim, a trial boot, a longer deadline).
 */
export interface Applied {
  readonly attempt: Attempt;
  readonly transitions: readonly Transition[];
  readonly ignored?: IgnoredBecause;
}
