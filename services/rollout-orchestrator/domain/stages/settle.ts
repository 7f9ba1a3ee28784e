import { DAY_MINUTES, type InstallWindow } from '../document/install-window.ts';
import type { RolloutDocument } from '../document/rollout-document.ts';

const MINUTE_MS = 60_000;
const WEEK_DAYS = 7;
/** By so much at most clocks are set forward and back in summer and autumn, but at one station in Antarctica. */
const CLOCK_CHANGE_MS = 3_600_000;

/**
 * For how long nobody must have been served, or have asked in vain, until a rollout is completed: `settle`, and where devices install at
 * certain hours only at least until these have been open for as long once more, whatever the zone. While they are closed nobody asks.
 */
export function settlesWithinMs({ settleMs, window }: Pick<RolloutDocument, 'settleMs' | 'window'>): number {
  if (window === undefined) return settleMs;
  const openMs = openMinutes(window) * MINUTE_MS;
  const roundMs = longestRoundDays(window) * DAY_MINUTES * MINUTE_MS;
  const closedMs = roundMs + (window.zone === 'UTC' ? 0 : latestByClocksMs(openMs, roundMs)) - openMs;
  return Math.max(settleMs, closedMs + Math.min(settleMs, openMs));
}

/** How much later hours may come once clocks are changed: set back, by an hour; set forward, short ones may be skipped altogether. */
const latestByClocksMs = (openMs: number, roundMs: number): number =>
  CLOCK_CHANGE_MS + (openMs <= CLOCK_CHANGE_MS ? roundMs : 0);

/** How long the window is open each time. */
const openMinutes = ({ fromMinute, toMinute }: InstallWindow): number =>
  toMinute > fromMinute ? toMinute - fromMinute : toMinute - fromMinute + DAY_MINUTES;

/** The longest time from one beginning of the window to the next, in days. */
function longestRoundDays({ days }: InstallWindow): number {
  return Math.max(
    ...days.map((day, at) => {
      const next = days[at + 1] ?? (days[0] ?? day) + WEEK_DAYS;
      return next - day;
    }),
  );
}
