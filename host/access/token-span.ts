import * as z from 'zod';
import { durationBetween } from '#shared/contracts/duration.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Whose token is to hold for longer gets one without an end: nobody remembers what ends in ten years. */
const LONGEST_LIFE_MS = 3650 * DAY_MS;

/** How long a token is to be taken, as `90d`; read as milliseconds. */
export const TokenLife = durationBetween(MINUTE_MS, LONGEST_LIFE_MS);

/** From when until when a token is taken, milliseconds since 1970: when it was made, and its end. */
export const TokenSpan = z.strictObject({ fromMs: z.int().min(0), toMs: z.int().min(0) });
export type TokenSpan = z.infer<typeof TokenSpan>;

/** A clock that a time service puts right goes back by so much in a day like any other. */
const CLOCK_STEP_MS = 5 * MINUTE_MS;

/**
 * Which rule a token of that span breaks now; `undefined` while it is taken. One of the future tells that the clock has gone back, which
 * must bring nothing back that has ended.
 */
export function spanFault({ fromMs, toMs }: TokenSpan, nowMs: number): string | undefined {
  if (nowMs >= toMs)
    return `must be a token that has not ended: this one did on ${isoOf(toMs)}; whoever runs this machine makes another`;
  if (nowMs >= fromMs - CLOCK_STEP_MS) return undefined;
  const says = isoOf(nowMs);
  return `must be a token of the past: this one was made on ${isoOf(fromMs)}, and the clock of this machine says ${says}; set it where it is wrong`;
}

/** How long before its end people hear of it. */
const TOLD_BEFORE_MS = [DAY_MS, 7 * DAY_MS];

/**
 * Before which of the ends of `TOLD_BEFORE_MS` a token is, the nearest; `undefined` for one whose end is far, or over, or who made it has
 * in mind: one that is made for an hour ends within an hour.
 */
export function endsWithinMs({ fromMs, toMs }: TokenSpan, nowMs: number): number | undefined {
  const leftMs = toMs - nowMs;
  if (leftMs <= 0) return undefined;
  return TOLD_BEFORE_MS.find((beforeMs) => leftMs <= beforeMs && toMs - fromMs > beforeMs);
}

const isoOf = (atMs: number): string => new Date(atMs).toISOString();
