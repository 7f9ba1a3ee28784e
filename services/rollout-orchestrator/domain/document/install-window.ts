import * as z from 'zod';

/** Days in the order of `Date`: Sunday is 0. */
export const DAYS: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Minutes of a day. */
export const DAY_MINUTES = 1440;

/** When devices may begin to install, in local time. Where `fromMinute` is above `toMinute` it runs over midnight. */
export interface InstallWindow {
  /** Days on which it begins, 0 for Sunday to 6, rising. */
  readonly days: readonly number[];
  /** Minute of the day from which it is open, 0 to 1439. */
  readonly fromMinute: number;
  /** Minute of the day from which it is closed again, 0 to 1440 (midnight at the end of the day). Never `fromMinute`. */
  readonly toMinute: number;
  /** An IANA zone, or `device`: the one that the device states in its attribute `timezone`. */
  readonly zone: string;
  /** With `device` only: the zone of devices that state none, or none that is known. */
  readonly fallbackZone?: string;
}

const TimeOfDay = z.string("must be a time of day in quotes, such as '02:00'").transform((text, context) => {
  const match = /^([0-9]{2}):([0-9]{2})$/.exec(text);
  const minutes = match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
  if (minutes <= DAY_MINUTES && Number(match?.[2]) < 60) return minutes;
  context.addIssue("must be a time of day between '00:00' and '24:00'");
  return z.NEVER;
});

const Days = z.string('must be days such as mon-fri or sat,sun').transform((text, context) => {
  const days = parseDays(text);
  if (days !== undefined) return days;
  context.addIssue('must be days such as mon-fri or sat,sun');
  return z.NEVER;
});

const ZONE_RULE = 'must be an IANA time zone such as Europe/Vilnius';
const WINDOW_ZONE_RULE = 'must be device or an IANA time zone such as Europe/Vilnius';

/** The field `window` of a document. */
export const InstallWindowField = z
  .strictObject({
    days: Days.default([0, 1, 2, 3, 4, 5, 6]),
    from: TimeOfDay,
    to: TimeOfDay,
    zone: z.string(WINDOW_ZONE_RULE).refine((zone) => zone === 'device' || isZone(zone), WINDOW_ZONE_RULE),
    fallbackZone: z.string(ZONE_RULE).refine(isZone, ZONE_RULE).optional(),
  })
  .superRefine((window, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (window.from === DAY_MINUTES) refuse('from', "must be before '24:00'");
    if (window.from % DAY_MINUTES === window.to % DAY_MINUTES && window.to - window.from !== DAY_MINUTES) {
      refuse('to', "must differ from `from`; a whole day is '00:00' to '24:00'");
    }
    if (window.zone === 'device' && window.fallbackZone === undefined) {
      refuse('fallbackZone', 'must be given with zone: device, for devices that state no zone');
    }
    if (window.zone !== 'device' && window.fallbackZone !== undefined) {
      refuse('fallbackZone', 'is only for zone: device');
    }
  })
  .transform(
    ({ days, from, to, zone, fallbackZone }): InstallWindow => ({
      days,
      fromMinute: from,
      toMinute: to,
      zone,
      ...(fallbackZone === undefined ? {} : { fallbackZone }),
    }),
  );

/** Days of a text such as `mon-fri`, `sat,sun` or `fri-mon`, rising from Sunday; `undefined` when it names none. */
function parseDays(text: string): number[] | undefined {
  if (text.length > 64) return undefined;
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const [first, last, ...rest] = part.trim().split('-').map(dayNumber);
    if (first === undefined || first < 0 || (last !== undefined && last < 0) || rest.length > 0)
      return undefined;
    const length = ((last ?? first) - first + 7) % 7;
    for (let step = 0; step <= length; step += 1) days.add((first + step) % 7);
  }
  return [...days].sort((a, b) => a - b);
}

const dayNumber = (name: string): number => DAYS.indexOf(name);

/** Whether `Intl` knows that zone by its IANA name. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    // `Intl` has no question for this: an unknown zone is a RangeError (ECMA-402, section 11.1.2).
    if (error instanceof RangeError) return false;
    throw error;
  }
}
