import { isZone } from '../document/install-window.ts';

/** Offsets from UTC change at full quarters of an hour only, so that one is asked for once in a quarter and zone. */
const QUARTER_MS = 900_000;
/** IANA has some 600 names; devices may state them in any case, so that what is remembered needs a bound. */
const MOST_ZONES = 1000;

/** Quarters remembered of each zone: now, and what a look ahead of two weeks asks for. */
const MOST_QUARTERS = 64;

interface ZoneClock {
  /** Absent for a name that is no zone. */
  readonly format: Intl.DateTimeFormat | undefined;
  readonly offsetByQuarter: Map<number, number>;
}

/** What is remembered is a pure function of its keys: forgetting it changes no answer. */
const clocks = new Map<string, ZoneClock>();

/**
 * Milliseconds by which local time in `zone` (IANA) is ahead of UTC at `atMs` (since 1970); `undefined` when the name is no zone.
 */
export function offsetMs(zone: string, atMs: number): number | undefined {
  const { format, offsetByQuarter } = clocks.get(zone) ?? addClock(zone);
  if (format === undefined) return undefined;
  const quarter = Math.floor(atMs / QUARTER_MS);
  const known = offsetByQuarter.get(quarter);
  if (known !== undefined) return known;
  const offset = localMs(format, quarter * QUARTER_MS) - quarter * QUARTER_MS;
  if (offsetByQuarter.size >= MOST_QUARTERS) offsetByQuarter.clear();
  offsetByQuarter.set(quarter, offset);
  return offset;
}

/**
 * The first instant in `(afterMs, untilMs]` at which the clocks of `zone` change, if they do; at most once in that time, which
 * must be shorter than the weeks between two changes.
 */
export function clockChangeMs(zone: string, afterMs: number, untilMs: number): number | undefined {
  const before = offsetMs(zone, afterMs);
  if (before === offsetMs(zone, untilMs)) return undefined;
  let low = Math.floor(afterMs / QUARTER_MS);
  let high = Math.floor(untilMs / QUARTER_MS);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(zone, middle * QUARTER_MS) === before) low = middle;
    else high = middle;
  }
  return high * QUARTER_MS;
}

function addClock(zone: string): ZoneClock {
  if (clocks.size >= MOST_ZONES) clocks.clear();
  const clock = { format: isZone(zone) ? formatOf(zone) : undefined, offsetByQuarter: new Map() };
  clocks.set(zone, clock);
  return clock;
}

const formatOf = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

/** The wall clock's reading at `atMs`, as if it were UTC. */
function localMs(format: Intl.DateTimeFormat, atMs: number): number {
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}
