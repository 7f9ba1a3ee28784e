import { UNPRINTABLE } from '#shared/program/printable-line.ts';

/** Text that a device or another person chose, fit for one line of a terminal: what is not printable becomes `?`. */
export function plain(text: string): string {
  return text.replaceAll(UNPRINTABLE, '?');
}
