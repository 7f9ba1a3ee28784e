/**
 * Reports that have been unread for so long mean that we do not hear (docs/rollouts.md, "What an attempt goes through"). Longer than one
 * that could not be applied stays hidden (the visibility timeout of the reports queue, 181 s): one device's trouble is no deafness.
 */
const UNREAD_TOO_LONG_MS = 240_000;

/** What is known of the reports that are still to be read; ages in milliseconds. */
export interface UnreadReports {
  /** Absent: there are none. */
  readonly oldestSentAtMs?: number;
  /** Absent though there are some: nobody knows. */
  readonly oldestAgeMs?: number;
}

/** Whether devices are being heard: silence clocks run only while that is so. What nobody knows is no hearing. */
export function hearsReports({
  oldestSentAtMs,
  oldestAgeMs = Number.POSITIVE_INFINITY,
}: UnreadReports): boolean {
  return oldestSentAtMs === undefined || oldestAgeMs <= UNREAD_TOO_LONG_MS;
}

/**
 * When the oldest of them was sent, as deadlines are held against it: long ago for all that is known, where that lies ahead of a clock that was
 * put back since. Absent: there are none.
 */
export function unreadSinceMs({ oldestSentAtMs }: UnreadReports, nowMs: number): number | undefined {
  return oldestSentAtMs !== undefined && oldestSentAtMs > nowMs ? 0 : oldestSentAtMs;
}
