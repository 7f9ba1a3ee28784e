/**
 * Control characters (C0, DEL, C1), ends of lines of Unicode, bidirectional marks, overrides and isolates: what could repaint a terminal,
 * make two lines of one, or reorder one.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
export const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A line fit for a terminal, whatever a device or person has put into it: what is not printable is escaped as JSON does it, so
 * that a line of JSON says the same as before. JSON itself escapes less.
 */
export function printableLine(line: string): string {
  return line.replaceAll(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A value as one line of JSON that is fit for a terminal. */
export const printableJson = (value: unknown): string => printableLine(JSON.stringify(value));
