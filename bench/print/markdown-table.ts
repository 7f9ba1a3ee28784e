/** A column of a table: its title, and which way its cells lean. */
export interface Column {
  readonly title: string;
  /** Figures lean to the right, so that their digits stand below each other. */
  readonly isFigure?: boolean;
}

/** Rows as an aligned table in Markdown, as the formatter leaves it; a missing cell is empty. */
export function markdownTable(
  columns: readonly (string | Column)[],
  rows: readonly (readonly string[])[],
): string {
  const all = columns.map((column): Column => (typeof column === 'string' ? { title: column } : column));
  const widths = all.map(({ title }, at) =>
    Math.max(title.length, 3, ...rows.map((row) => (row[at] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${all.map(({ isFigure }, at) => padded(cells[at] ?? '', widths[at] ?? 0, isFigure)).join(' | ')} |\n`;
  const rule = all.map(({ isFigure }, at) => {
    const width = widths[at] ?? 0;
    return isFigure ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width);
  });
  return line(all.map(({ title }) => title)) + line(rule) + rows.map(line).join('');
}

const padded = (cell: string, width: number, toTheRight = false): string =>
  toTheRight ? cell.padStart(width) : cell.padEnd(width);
