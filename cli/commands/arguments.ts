import { InvalidArgumentError } from 'commander';
import * as z from 'zod';

/** Reads an option that may be given several times, or once with commas. */
export function list(value: string, before: readonly string[] = []): readonly string[] {
  const items = value.split(',').map((item) => item.trim());
  if (items.some((item) => item === '')) throw new InvalidArgumentError('Names, separated by commas.');
  return [...before, ...items];
}

/** Reads an option that is kept as it is and may be given several times. */
export function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A reader of whole numbers from `least` to `most`. */
export function whole(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d{1,15}$/.test(value) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`A whole number from ${least} to ${most}.`);
  };
}

/** Reads a day of the calendar, `2026-12-01`. */
export function day(value: string): string {
  if (z.iso.date().safeParse(value).success) return value;
  throw new InvalidArgumentError('A day, as 2026-12-01.');
}

/** Reads a moment, `2026-12-01` (in UTC) or `2026-12-01T02:00:00Z`, as milliseconds since 1970. */
export function since(value: string): number {
  if (z.iso.date().safeParse(value).success || z.iso.datetime({ offset: true }).safeParse(value).success) {
    return Date.parse(value);
  }
  throw new InvalidArgumentError('A day or a moment, as 2026-12-01 or 2026-12-01T02:00:00Z.');
}

/** The help text below the options: what a person would type. */
export function examples(...lines: readonly string[]): string {
  return `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  $ evenkeel ${line}\n`).join('')}`;
}
