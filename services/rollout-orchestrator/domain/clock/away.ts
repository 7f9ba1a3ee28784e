import { isAhead } from './ahead.ts';

/**
 * A while in which no device could be heard, milliseconds since 1970: the backend was away, or there never was such a while because the
 * clock was set ahead over it. What lasts by the clock did not go on in it.
 */
export interface Away {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** No such while is known. */
export const NEVER_AWAY: Away = { fromMs: 0, untilMs: 0 };

/** The same, or none where it ends ahead (milliseconds since 1970), because the clock has been put back since. */
export const awayUnlessAhead = (away: Away, nowMs: number): Away =>
  isAhead(away.untilMs, nowMs) ? NEVER_AWAY : away;

/** For how long devices could be heard from one time until another. */
export const heardMs = (fromMs: number, untilMs: number, away: Away): number =>
  untilMs - fromMs - Math.max(0, Math.min(untilMs, away.untilMs) - Math.max(fromMs, away.fromMs));

/** When devices could be heard for `durationMs` since then. */
export function afterHeardMs(sinceMs: number, durationMs: number, { fromMs, untilMs }: Away): number {
  const plainMs = sinceMs + durationMs;
  if (plainMs <= fromMs || sinceMs >= untilMs) return plainMs;
  return plainMs + untilMs - Math.max(sinceMs, fromMs);
}
