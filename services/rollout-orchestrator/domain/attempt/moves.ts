import type { Attempt, EndState, OpenState } from './attempt.ts';
import type { Applied, AttemptContext, IgnoredBecause, Transition } from './facts.ts';
import { endKindOf } from './tally.ts';
import { type TimelineWhat, withEvent } from './timeline.ts';

/** The longest that a device may announce to be away, and that silence waits after "rebooting": 30 days. */
export const LONGEST_AWAY_MS = 30 * 24 * 60 * 60 * 1000;

/** An install may be interrupted so often without counting as bad. */
const FORGIVEN_INTERRUPTIONS = 2;

/** The fact changes nothing. */
export const ignore = (attempt: Attempt, ignored: IgnoredBecause): Applied => ({
  attempt,
  transitions: [],
  ignored,
});

/** The fact is written down and moves nothing. */
export const note = (attempt: Attempt, what: TimelineWhat, atMs: number): Applied => ({
  attempt: { ...attempt, events: withEvent(attempt.events, what, atMs) },
  transitions: [],
});

/** When silence decides about an open attempt, in milliseconds since 1970; it depends on nothing but the row. */
export function deadlineOf(attempt: Attempt, context: AttemptContext): number {
  switch (attempt.reached) {
    case 'granted':
      return attempt.permitEndMs;
    case 'installing':
      // Who promised is rebooting by then: from there on it is as silent as one that said so.
      return attempt.promised
        ? silentFrom(attempt.permitEndMs, attempt, context)
        : attempt.permitEndMs + context.installWithinMs;
    case 'rebooting':
      return silentFrom(attempt.spokenMs, attempt, context);
  }
}

/** When a device that left at that time at the latest is silent, or overdue by its own announcement. */
function silentFrom(leftMs: number, { backByMs = 0 }: Attempt, { silentAfterMs }: AttemptContext): number {
  return Math.max(leftMs + silentAfterMs, Math.min(backByMs, leftMs + LONGEST_AWAY_MS));
}

/**
 * Moves an open attempt on to `state`, passing what lies between: a device that says "rebooting" has been installing, even where
 * that message is still on its way. `bootId` is the boot that spoke.
 */
export function reach(
  attempt: Attempt,
  state: OpenState,
  heard: { readonly atMs: number; readonly bootId: string },
  context: AttemptContext,
): Applied {
  const moved: Attempt = {
    ...attempt,
    state,
    reached: state,
    bootId: heard.bootId,
    spokenMs: heard.atMs,
    events: withEvent(attempt.events, state, heard.atMs),
  };
  return {
    attempt: { ...moved, deadlineMs: deadlineOf(moved, context) },
    transitions: passed(attempt.reached, state),
  };
}

/**
 * Ends an open attempt. `passing` is the state that it must have been through, where that was not heard: a good or reverted device has been
 * through "rebooting".
 */
export function end(
  attempt: Attempt,
  state: EndState,
  atMs: number,
  how: { readonly reason?: string; readonly transient?: boolean; readonly passing?: OpenState } = {},
): Applied {
  const { deadlineMs: _, backByMs: __, ...rest } = attempt;
  const reached = how.passing ?? attempt.reached;
  const ended: Attempt = {
    ...rest,
    state,
    reached,
    endedMs: atMs,
    ...(how.reason !== undefined && { reason: how.reason }),
    ...(how.transient && { transient: true }),
    events: withEvent(attempt.events, state, atMs),
  };
  // One that was excused while it was open has been counted as that.
  const counts = attempt.excused ? [] : counted(ended);
  return { attempt: ended, transitions: [...passed(attempt.reached, reached), ...counts] };
}

/** An install that did not come to "rebooting": forgiven twice, then bad, because something keeps breaking it off. */
export function interrupt(attempt: Attempt, atMs: number): Applied {
  if (attempt.interruptions >= FORGIVEN_INTERRUPTIONS) {
    return end(attempt, 'failed', atMs, { reason: 'interrupted-repeatedly', passing: 'installing' });
  }
  const interrupted = {
    ...attempt,
    interruptions: attempt.interruptions + 1,
    events: withEvent(attempt.events, 'interrupted', atMs),
  };
  return end(interrupted, 'void', atMs, { reason: 'interrupted', passing: 'installing' });
}

/** What is counted on the way: that an install began. */
const passed = (from: OpenState, to: OpenState): readonly Transition[] =>
  from === 'granted' && to !== 'granted' ? [{ kind: 'installing', change: 1 }] : [];

function counted(ended: Attempt): readonly Transition[] {
  const kind = endKindOf(ended);
  return kind === undefined ? [] : [{ kind, change: 1 }];
}
