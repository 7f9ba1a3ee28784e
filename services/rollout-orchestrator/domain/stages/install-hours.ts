import { DAY_MINUTES, type InstallWindow } from '../document/install-window.ts';
import type { Literal } from '../selector/syntax-tree.ts';
import { clockChangeMs, offsetMs } from './zone-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
/** 1 January 1970 was a Thursday. */
const FIRST_WEEKDAY = 4;
/** How far ahead a beginning is looked for: a window opens each week, unless the clocks skip it. */
const LONGEST_HORIZON_MS = 14 * DAY_MS;

/** The attribute in which a device states its IANA zone, for `zone: device`. */
const ZONE_ATTRIBUTE = 'timezone';

/** The zone whose clock counts for a device: its own where the window says so and it states one that is known. */
export function zoneOf(window: InstallWindow, attributes: Readonly<Record<string, Literal>>): string {
  if (window.zone !== 'device') return window.zone;
  const stated = Object.hasOwn(attributes, ZONE_ATTRIBUTE) ? attributes[ZONE_ATTRIBUTE] : undefined;
  if (typeof stated === 'string' && offsetMs(stated, 0) !== undefined) return stated;
  return window.fallbackZone ?? 'UTC';
}

/** Whether a device with these attributes may begin to install at `nowMs`; it always may where a rollout has no hours. */
export function mayBeginAt(
  window: InstallWindow | undefined,
  attributes: Readonly<Record<string, Literal>>,
  nowMs: number,
): boolean {
  return window === undefined || isWithinHours(window, zoneOf(window, attributes), nowMs);
}

/** Whether devices in `zone` may begin to install at `nowMs`. An unknown zone keeps the window closed. */
export function isWithinHours(window: InstallWindow, zone: string, nowMs: number): boolean {
  const offset = offsetMs(zone, nowMs);
  if (offset === undefined) return false;
  const local = nowMs + offset;
  const day = Math.floor(local / DAY_MS);
  const minute = Math.floor((local - day * DAY_MS) / MINUTE_MS);
  const { fromMinute, toMinute } = window;
  if (fromMinute < toMinute) return minute >= fromMinute && minute < toMinute && beginsOn(window, day);
  return minute >= fromMinute ? beginsOn(window, day) : minute < toMinute && beginsOn(window, day - 1);
}

/**
 * When the window is open next in `zone`, in milliseconds since 1970: `nowMs` itself if it is open, else its next beginning within
 * `horizonMs` (at most two weeks). `undefined` when there is none, or for an unknown zone. Where the clocks are set forward into the
 * window it begins late, and where they are set back it may be open twice.
 */
export function nextWithinHours(
  window: InstallWindow,
  zone: string,
  nowMs: number,
  horizonMs = LONGEST_HORIZON_MS,
): number | undefined {
  const offset = offsetMs(zone, nowMs);
  if (offset === undefined) return undefined;
  if (isWithinHours(window, zone, nowMs)) return nowMs;
  const untilMs = nowMs + Math.min(horizonMs, LONGEST_HORIZON_MS);
  const changeMs = clockChangeMs(zone, nowMs, untilMs);
  // Closed becomes open when the wall clock reads the first minute, by the offset before or after a change, or jumps past it.
  const offsets = changeMs === undefined ? [offset] : [offset, offsetMs(zone, changeMs) ?? offset];
  let first =
    changeMs !== undefined && isWithinHours(window, zone, changeMs) ? changeMs : Number.POSITIVE_INFINITY;
  let beginsLocal = Math.floor((nowMs + offset) / DAY_MS) * DAY_MS + window.fromMinute * MINUTE_MS;
  for (; beginsLocal - Math.max(...offsets) <= Math.min(first, untilMs); beginsLocal += DAY_MS) {
    for (const beginsMs of offsets.map((one) => beginsLocal - one)) {
      if (beginsMs > nowMs && beginsMs < first && isWithinHours(window, zone, beginsMs)) first = beginsMs;
    }
  }
  return first <= untilMs ? first : undefined;
}

const beginsOn = (window: InstallWindow, day: number): boolean =>
  window.days.includes((((day + FIRST_WEEKDAY) % 7) + 7) % 7);
