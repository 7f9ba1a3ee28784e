import * as z from 'zod';

/** Milliseconds of each unit that a duration can be written in. */
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS;
const LARGEST_FIRST = ['d', 'h', 'm', 's', 'ms'] as const satisfies readonly Unit[];

/** Milliseconds of a text such as `30m`, `12h`, `7d`, `500ms`; `undefined` when it is no duration. Exact, never rounded. */
export function parseDuration(text: string): number | undefined {
  const match = /^([0-9]{1,12})(ms|s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  // The pattern allows the units only.
  return Number(match[1]) * UNITS[match[2] as Unit];
}

/** A duration as text in the largest unit that says it exactly: 5,400,000 is `90m`. `ms` is a whole number, at least 0. */
export function printDuration(ms: number): string {
  if (ms === 0) return '0s';
  const unit = LARGEST_FIRST.find((one) => ms % UNITS[one] === 0) ?? 'ms';
  return `${ms / UNITS[unit]}${unit}`;
}

/** A field that holds a duration within bounds (both inclusive, in milliseconds); read as milliseconds. */
export const durationBetween = (minMs: number, maxMs: number) =>
  z.string('must be a duration such as 30m, 12h or 7d').transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    context.addIssue(
      ms === undefined
        ? 'must be a duration such as 30m, 12h or 7d'
        : `must be between ${printDuration(minMs)} and ${printDuration(maxMs)}`,
    );
    return z.NEVER;
  });
