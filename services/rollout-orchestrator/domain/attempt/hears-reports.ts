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
