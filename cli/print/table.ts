import { plain } from './plain.ts';

/** One column: its heading and on which side its cells stand. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/** Aligned columns under their headings, every line ended; cells are made plain. A column without a cell is left out. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map((_, index) => plain(row[index] ?? '')));
  const used = columns.flatMap((column, index) =>
    rows.length === 0 || cells.some((row) => row[index] !== '')
      ? [{ ...column, index, width: widest(column.title, cells, index) }]
      : [],
  );
  const line = (textOf: (index: number, title: string) => string) =>
    used
      .map(({ title, align, index, width }) => {
        const text = textOf(index, title);
        return align === 'right' ? text.padStart(width) : text.padEnd(width);
      })
      .join(GAP)
      .trimEnd();
  return [line((_, title) => title), ...cells.map((row) => line((index) => row[index] ?? ''))]
    .map((text) => `${text}\n`)
    .join('');
}

/** Names and values under each other, the values aligned; what is `undefined` is left out. */
export function facts(all: readonly (readonly [name: string, value: string | undefined])[]): string {
  const given = all.flatMap(([name, value]) => (value === undefined ? [] : [[name, plain(value)] as const]));
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}${GAP}${value}\n`).join('');
}

/** Parts with an empty line between them; those that are empty are left out. */
export const paragraphs = (parts: readonly string[]): string =>
  parts.filter((part) => part !== '').join('\n');

function widest(title: string, cells: readonly (readonly string[])[], index: number): number {
  return cells.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), title.length);
}
