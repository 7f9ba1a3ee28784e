import { afterHeardMs, NEVER_AWAY, type TimesAway } from '../clock/away.ts';

/** How many permits had been granted at a time. */
export interface PaceMark {
  readonly atMs: number;
  readonly granted: number;
}

const MINUTE_MS = 60_000;
/** Marks are at least so far apart: a minute holds twelve, and the pace falls short by a twelfth at most. */
const MARK_EVERY_MS = 5_000;

/**
 * The absolute number of permits that keeps any minute within `perMinute`: what had been granted a minute ago at the latest mark that is
 * that old, and one minute's worth more. Nothing is known before the first mark, which then counts as nothing.
 */
export function paceCeiling(
  marks: readonly PaceMark[],
  perMinute: number,
  nowMs: number,
  away = NEVER_AWAY,
): number {
  const minuteAgo = marks.findLast(isMinuteOld(nowMs, away));
  return (minuteAgo?.granted ?? 0) + perMinute;
}

/** The marks to keep, with one for now when the last is some seconds old. */
export function withPaceMark(
  marks: readonly PaceMark[],
  granted: number,
  nowMs: number,
  away = NEVER_AWAY,
): readonly PaceMark[] {
  const minuteAgo = marks.findLastIndex(isMinuteOld(nowMs, away));
  const kept = marks.slice(Math.max(0, minuteAgo));
  const last = kept.at(-1);
  return last !== undefined && last.atMs > nowMs - MARK_EVERY_MS ? kept : [...kept, { atMs: nowMs, granted }];
}

/** Whether a mark was made a minute ago, in which devices could be heard: one that a clock has jumped over lets nothing through. */
const isMinuteOld =
  (nowMs: number, away: TimesAway) =>
  ({ atMs }: PaceMark): boolean =>
    afterHeardMs(atMs, MINUTE_MS, away) <= nowMs;

/** When the pace next lets more through, in milliseconds since 1970; `undefined` where no mark is younger than a minute. */
export function paceEasesMs(
  marks: readonly PaceMark[],
  nowMs: number,
  away = NEVER_AWAY,
): number | undefined {
  const isOld = isMinuteOld(nowMs, away);
  const next = marks.find((mark) => !isOld(mark));
  return next && afterHeardMs(next.atMs, MINUTE_MS, away);
}
