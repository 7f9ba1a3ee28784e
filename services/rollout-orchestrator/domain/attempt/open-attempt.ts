import { cohortOfAttempt } from '../counting/cohorts.ts';
import { type Attempt, isOpen, type Target } from './attempt.ts';
import type { AttemptContext } from './facts.ts';
import { reach } from './moves.ts';
import { pastWith } from './tally.ts';
import { withEvent } from './timeline.ts';

/** What a permit says. `cohort` is that of the device's hardware and from-version. */
export interface Permit {
  readonly id: string;
  readonly number: number;
  readonly epoch: number;
  readonly cohort: number;
  readonly grantedMs: number;
  readonly permitEndMs: number;
  readonly target: Target;
  readonly from: string;
  /** The boot that asked. */
  readonly bootId: string;
  /** The device begins as soon as it hears of its permit. */
  readonly begun?: Begun;
}

/** A request that an install begins with: its number, when it was heard, what it promised, and the durations of its rollout. */
export interface Begun {
  readonly asked: number;
  readonly atMs: number;
  /** Within how long of leaving the device will be heard again, where it says so. Absent: it will report "rebooting". */
  readonly promised?: { readonly backWithinMs?: number };
  readonly context: AttemptContext;
}

/** Why a device gets no (further) attempt: one is open, it has the release, or its attempts are used up. */
export type NoAttempt = 'open' | 'done' | 'attempts-used';

/**
 * The number of the attempt that a device may have next in a rollout with so many attempts a device. A void or transient end gives
 * the attempt back, so that the next has the same number and is as much evidence as it was. One that was excused was no fault of the
 * release, so that another may follow it: of the next number, because its device keeps the place that it has.
 */
export function nextAttemptNumber(
  previous: Attempt | undefined,
  attemptsAllowed: number,
): number | NoAttempt {
  if (previous === undefined) return 1;
  if (isOpen(previous)) return 'open';
  if (previous.state === 'good') return 'done';
  const number = givesBack(previous) ? previous.number : previous.number + 1;
  return number <= attemptsAllowed + excusedUpTo(previous) ? number : 'attempts-used';
}

/** Whether another attempt may follow for no other reason than that this one was excused. */
export const isOwedAnother = (attempt: Attempt): boolean =>
  !isOpen(attempt) && attempt.excused === true && attempt.state !== 'good';

/** How many attempts of its device in its rollout were excused, up to this one. */
const excusedUpTo = (attempt: Attempt): number =>
  pastOf(attempt, /\.excused$/) + (isOwedAnother(attempt) ? 1 : 0);

/**
 * The attempt that a permit begins, at "installing" where the device begins with it; the row keeps what an earlier attempt of
 * the device was counted as, and its timeline.
 */
export function openAttempt({ begun, ...permit }: Permit, previous?: Attempt): Attempt {
  const opened: Attempt = {
    ...permit,
    cohort: cohortOfAttempt(permit.number, permit.cohort),
    state: 'granted',
    reached: 'granted',
    spokenMs: permit.grantedMs,
    deadlineMs: permit.permitEndMs,
    interruptions: previous?.number === permit.number ? previous.interruptions : 0,
    events: withEvent(previous?.events ?? [], 'granted', permit.grantedMs),
    past: previous === undefined ? {} : pastWith(previous),
  };
  if (begun === undefined) return opened;
  const heard = { atMs: permit.grantedMs, bootId: permit.bootId };
  const { attempt } = reach(withPromise(opened, begun), 'installing', heard, begun.context);
  return { ...attempt, spokenMs: begun.atMs, asked: begun.asked };
}

/** The longer of silence and announcement counts from the permit's end, when the device has left at the latest. */
function withPromise(opened: Attempt, { promised, context }: Begun): Attempt {
  if (promised === undefined) return opened;
  const awayMs = promised.backWithinMs ?? 0;
  return {
    ...opened,
    promised: true,
    ...(awayMs > context.silentAfterMs && { backByMs: opened.permitEndMs + awayMs }),
  };
}

/**
 * Permits that came to nothing are given back so often in one rollout. A device that never gets on, flat battery after flat battery,
 * must not take slots for ever.
 */
const MOST_GIVEN_BACK = 20;

/**
 * Whether the end of an attempt uses none up: void and transient ones, as long as there are not too many of them. One that was excused
 * keeps its place: as if it had never been, its device would take a second one.
 */
export function givesBack(attempt: Attempt): boolean {
  if (attempt.excused || (attempt.state !== 'void' && attempt.transient !== true)) return false;
  return pastOf(attempt, /\.(void|transient)$/) + 1 < MOST_GIVEN_BACK;
}

/** How many earlier attempts of its device in its rollout were counted as what `kinds` matches. */
function pastOf({ past }: Attempt, kinds: RegExp): number {
  const counted = Object.entries(past).filter(([name]) => kinds.test(name));
  return counted.reduce((sum, [, count]) => sum + count, 0);
}
