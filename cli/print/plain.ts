/** Control characters (C0, DEL, C1), bidirectional overrides and isolates: what could repaint a terminal or reorder a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text that a device or another person chose, fit for one line of a terminal: what is not printable becomes `?`. */
export function plain(text: string): string {
  return text.replaceAll(UNPRINTABLE, '?');
}
