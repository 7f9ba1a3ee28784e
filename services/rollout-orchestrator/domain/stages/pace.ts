const MINUTE_MS = 60_000;

/** The minute that permits are counted in, and how many had been granted in all when it began. */
export interface PaceMinute {
  readonly sinceMs: number;
  readonly granted: number;
}

/**
 * Up to how many permits in all may have been granted now without going above `perMinute`, and the minute to count in from here
 * on. A minute begins with the first look after the one before has passed, so that time in which nobody looked adds nothing.
 */
export function paceCeiling(
  perMinute: number,
  minute: PaceMinute | undefined,
  granted: number,
  nowMs: number,
): { readonly minute: PaceMinute; readonly ceiling: number } {
  const present =
    minute === undefined || nowMs - minute.sinceMs >= MINUTE_MS ? { sinceMs: nowMs, granted } : minute;
  return { minute: present, ceiling: present.granted + perMinute };
}
