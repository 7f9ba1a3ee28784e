/** The time, passed in. */
export interface Clock {
  /** Milliseconds since 1970 (UTC). */
  now(): number;
  /** Resolves after so many milliseconds: for the short waits between tries after a conflict. */
  pause(delayMs: number): Promise<void>;
}
