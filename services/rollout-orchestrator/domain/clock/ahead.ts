import { isAhead } from '#shared/clock/ahead.ts';

/** A time that was noted as past, as if it had never been noted where it lies ahead. */
export const unlessAhead = (atMs: number | undefined, nowMs: number): number | undefined =>
  atMs === undefined || isAhead(atMs, nowMs) ? undefined : atMs;

/** A time that was noted as past: now, where it lies ahead, so that nothing waits until the clock has come there again. */
export const notAhead = (atMs: number, nowMs: number): number => (isAhead(atMs, nowMs) ? nowMs : atMs);

/** Whether what was read then is younger than `withinMs`: never what was read before a clock was put back, which would be kept until then. */
export const isRecent = (readMs: number, nowMs: number, withinMs: number): boolean =>
  readMs <= nowMs && nowMs - readMs < withinMs;
