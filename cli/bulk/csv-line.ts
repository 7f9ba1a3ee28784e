/**
 * The cells of one line of CSV (RFC 4180, but a cell ends with its line), without the space around them; `undefined` where a quotation
 * mark is not closed, or something follows the closing one.
 */
export function cellsOf(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  const cells: string[] = [];
  for (let at = 0; at <= line.length; ) {
    const found = QUOTED.exec(line.slice(at)) ?? BARE.exec(line.slice(at));
    if (found === null) return undefined;
    const [whole, quoted, bare = ''] = [found[0], found.groups?.quoted, found.groups?.bare];
    cells.push((quoted?.replaceAll('""', '"') ?? bare).trim());
    at += whole.length;
    // Each cell but the last one ends with a comma, and after that one another begins.
    if (!whole.endsWith(',')) break;
  }
  return cells;
}

const QUOTED = /^\s*"(?<quoted>(?:[^"]|"")*)"\s*(?:,|$)/;
const BARE = /^(?<bare>[^",]*)(?:,|$)/;

/** One line of CSV, without its end; a cell is quoted where it has to be. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
