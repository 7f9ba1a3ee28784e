import { isAhead } from '#shared/clock/ahead.ts';

/** What a lifecycle event says of one session. */
export interface SessionEvent {
  readonly kind: 'connected' | 'disconnected';
  readonly session: string;
  /** By the broker's clock, which may be wrong by `BROKER_OFF_MS`; milliseconds since 1970. */
  readonly atMs: number;
}

/** When sessions began or ended, by session: milliseconds since 1970. */
export type Sessions = Readonly<Record<string, number>>;

/**
 * What is known of a device's sessions. Which of two events came first cannot be told by their times, so nothing here goes
 * by order: a session is open once it began and until it ended, whichever is heard first, and the device is connected while
 * any session is open. The end of an old session can therefore never hide the beginning of a new one.
 */
export interface Presence {
  readonly open: Sessions;
  /** Ends that are remembered, so that a beginning which is heard late is known as over. */
  readonly ended: Sessions;
}

/** Of a device that was never seen. */
export const NO_PRESENCE: Presence = { open: {}, ended: {} };

/** What is shown of a device's presence. */
export interface PresenceView {
  readonly connected: boolean;
  readonly sinceMs: number;
}

/** By so much the times of lifecycle events may be wrong, either way ("Lifecycle events", AWS IoT Core developer guide). */
const BROKER_OFF_MS = 120_000;
/**
 * The ends that are remembered, for sessions so short that their times cannot tell them apart; a beginning that is older than
 * these is known as over by its time (see below).
 */
const ENDS_KEPT = 16;
/**
 * A broker lets a client id connect once, so an open session that began before another began or ended is over, unheard (a
 * broker that was killed tells nobody) or forgotten. Two times that differ by more than the error of both, four minutes, say
 * which was before.
 */
const SUPERSEDED_AFTER_MS = 300_000;

/**
 * What is known after one more event that is heard at `nowMs`; the same object when it says nothing new. What was noted by a clock that has been put
 * back since gives way to what is said by the clock as it is now: nothing would seem to be later for as long as that clock was ahead.
 */
export function withEvent(kept: Presence, event: SessionEvent, nowMs: number): Presence {
  const { kind, session, atMs } = event;
  if (Object.hasOwn(kept.ended, session)) return kept;
  if (kind === 'connected' && Object.hasOwn(kept.open, session)) return kept;
  const isAheadToo = wasAhead(atMs, nowMs);
  if (kind === 'connected') {
    const presence = isAheadToo ? kept : putBack(kept, atMs, nowMs);
    return supersede({ open: { ...presence.open, [session]: atMs }, ended: presence.ended }, nowMs);
  }
  const { [session]: _, ...open } = kept.open;
  const ended = isAheadToo ? kept.ended : endsPutBack(kept.ended, atMs, nowMs);
  return supersede({ open, ended: newest({ ...ended, [session]: atMs }) }, nowMs);
}

/** What to show; `undefined` for a device that was never heard of. */
export function viewOf({ open, ended }: Presence): PresenceView | undefined {
  const begun = Object.values(open);
  if (begun.length > 0) return { connected: true, sinceMs: Math.max(...begun) };
  const over = Object.values(ended);
  return over.length > 0 ? { connected: false, sinceMs: Math.max(...over) } : undefined;
}

const wasAhead = (atMs: number, nowMs: number): boolean => isAhead(atMs - BROKER_OFF_MS, nowMs);

/** As if what was noted ahead had been over when another session began by the clock as it is now, at `atMs`: that one has taken its place. */
function putBack({ open, ended }: Presence, atMs: number, nowMs: number): Presence {
  const isFromAhead = ([, sinceMs]: readonly [string, number]) => wasAhead(sinceMs, nowMs);
  const begun = Object.entries(open);
  const over = { ...ended, ...Object.fromEntries(begun.filter(isFromAhead)) };
  return {
    open: Object.fromEntries(begun.filter((one) => !isFromAhead(one))),
    ended: newest(endsPutBack(over, atMs, nowMs)),
  };
}

/** The same ends; those that were noted ahead as if they had come at `atMs`. Another session's end says nothing of a session that is open: it may have come before it. */
function endsPutBack(ended: Sessions, atMs: number, nowMs: number): Sessions {
  const ends = Object.entries(ended);
  return Object.fromEntries(
    ends.map(([session, untilMs]) => [session, wasAhead(untilMs, nowMs) ? atMs : untilMs]),
  );
}

/**
 * Ends the open sessions that began long before the last that was heard of any session: another had taken their place by then. Times from before
 * and after a clock was put back do not tell which was before.
 */
function supersede({ open, ended }: Presence, nowMs: number): Presence {
  const times = [...Object.values(open), ...Object.values(ended)];
  const isOver = ([, atMs]: readonly [string, number]) =>
    times.some(
      (otherMs) => atMs < otherMs - SUPERSEDED_AFTER_MS && wasAhead(atMs, nowMs) === wasAhead(otherMs, nowMs),
    );
  const sessions = Object.entries(open);
  const over = sessions.filter(isOver);
  if (over.length === 0) return { open, ended };
  return {
    open: Object.fromEntries(sessions.filter((one) => !isOver(one))),
    ended: newest({ ...ended, ...Object.fromEntries(over) }),
  };
}

function newest(sessions: Sessions): Sessions {
  const all = Object.entries(sessions);
  if (all.length <= ENDS_KEPT) return sessions;
  return Object.fromEntries(all.toSorted((a, b) => b[1] - a[1]).slice(0, ENDS_KEPT));
}
