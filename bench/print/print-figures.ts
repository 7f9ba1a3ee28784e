import type { Machine } from '../measure/machine.ts';
import type { Figure } from '../sections/bench-run.ts';

/** What one section has measured, and how long it took. */
export interface Section {
  readonly name: string;
  readonly seconds: number;
  readonly figures: readonly Figure[];
}

/** What figures were taken on, as a line. */
export function printMachine(machine: Machine): string {
  const { cpu, cores, memoryBytes, system, node, commit, load, fileSystem } = machine;
  const memory = `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  return `${cpu}, ${cores} cores, ${memory}, ${system}, ${fileSystem}, Node ${node}, commit ${commit}, load ${load.toFixed(2)} before\n`;
}

/** The figures of a section as an aligned table in Markdown, so that it can go into a document as it is. */
export function printSection({ name, seconds, figures }: Section): string {
  const head = ['figure', 'median', 'least to most'];
  const rows = figures.map(({ name: figure, unit, median, least, most, note }) => [
    `${figure}${note === undefined ? '' : ` (${note})`}`,
    `${text(median)} ${unit}`.trim(),
    least === most ? '' : `${text(least)} to ${text(most)}`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 1 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [`\n${name}, ${Math.round(seconds)} s\n`, line(head), line(rule), ...rows.map(line), ''].join('\n');
}

/** Three significant digits, and whole above a hundred. */
function text(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
