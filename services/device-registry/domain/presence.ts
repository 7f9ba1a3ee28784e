/** What a lifecycle event says of one session. */
export interface SessionEvent {
  readonly kind: 'connected' | 'disconnected';
  readonly session: string;
  /** By the broker's clock, which may be wrong by two minutes either way; milliseconds since 1970. */
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

/** What is known after one more event; the same object when it says nothing new. */
export function withEvent(presence: Presence, event: SessionEvent): Presence {
  const { session, atMs } = event;
  if (Object.hasOwn(presence.ended, session)) return presence;
  if (event.kind === 'disconnected') {
    const { [session]: _, ...open } = presence.open;
    return supersede({ open, ended: newest({ ...presence.ended, [session]: atMs }) });
  }
  if (Object.hasOwn(presence.open, session)) return presence;
  return supersede({ open: { ...presence.open, [session]: atMs }, ended: presence.ended });
}

/** What to show; `undefined` for a device that was never heard of. */
export function viewOf({ open, ended }: Presence): PresenceView | undefined {
  const begun = Object.values(open);
  if (begun.length > 0) return { connected: true, sinceMs: Math.max(...begun) };
  const over = Object.values(ended);
  return over.length > 0 ? { connected: false, sinceMs: Math.max(...over) } : undefined;
}

/** Ends the open sessions that began long before the last that was heard of any session: another had taken their place by then. */
function supersede({ open, ended }: Presence): Presence {
  const lastMs = Math.max(...Object.values(open), ...Object.values(ended));
  const isOver = ([, atMs]: readonly [string, number]) => atMs < lastMs - SUPERSEDED_AFTER_MS;
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
