/** Clocks of servers differ by seconds. */
const SKEW_MS = 60_000;

/** Whether a time that was noted as past lies so far ahead (milliseconds since 1970) that a clock has been put back since. */
export const isAhead = (atMs: number, nowMs: number): boolean => atMs > nowMs + SKEW_MS;
