import type { Machine } from '../measure/machine.ts';
import type { Figure } from '../sections/bench-run.ts';
import { markdownTable } from './markdown-table.ts';

/** What figures were taken on, as a line. */
export function printMachine(machine: Machine): string {
  return `${machineText(machine)}, commit ${machine.commit}, load ${machine.load.toFixed(2)} before\n`;
}

/** The machine without what changes from one run to the next. */
export function machineText(machine: Omit<Machine, 'commit' | 'load'>): string {
  const { cpu, cores, memoryBytes, system, node, fileSystem } = machine;
  const memory = `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  return `${cpu}, ${cores} cores, ${memory}, ${system}, ${fileSystem}, Node ${node}`;
}

/** What a part of the bench has measured: its figures, how long it took, and what others used of the machine meanwhile. */
export interface PartFigures {
  readonly name: string;
  readonly seconds: number;
  readonly otherCores: number;
  readonly figures: readonly Figure[];
}

/** The figures of a part as they are printed: a table in Markdown. */
export function printPart({ name, seconds, otherCores, figures }: PartFigures): string {
  return `\n${name}, ${Math.round(seconds)} s, others used ${otherCores.toFixed(2)} cores\n\n${figuresTable(figures)}`;
}

/** Figures below each other. */
export function figuresTable(figures: readonly Figure[]): string {
  return markdownTable(
    ['figure', { title: 'median', isFigure: true }, 'least to most'],
    figures.map((figure) => [
      `${titleOf(figure)}${figure.note === undefined ? '' : ` (${figure.note})`}`,
      figureText(figure),
      spreadText(figure),
    ]),
  );
}

/** What a figure is called where it stands by itself. */
export const titleOf = ({ of, name }: Pick<Figure, 'of' | 'name'>): string =>
  of === undefined ? name : `${of}: ${name}`;

/** Figures of the same names side by side: a column for each of several runs, rates or fleets, a row for each name with its unit. */
export function sideBySide(columns: Readonly<Record<string, readonly Figure[]>>): string {
  const titles = new Map(
    Object.values(columns)
      .flat()
      .map(({ name, unit }) => [name, unit === '' ? name : `${name}, ${unit}`]),
  );
  const cell = (figures: readonly Figure[], name: string): string => {
    const figure = figures.find((one) => one.name === name);
    return figure === undefined ? '' : valueText({ ...figure, unit: '' });
  };
  return markdownTable(
    ['figure', ...Object.keys(columns).map((title) => ({ title, isFigure: true }))],
    [...titles].map(([name, title]) => [
      title,
      ...Object.values(columns).map((figures) => cell(figures, name)),
    ]),
  );
}

/** The figure with its unit, and in brackets how far its runs lie apart. */
export function valueText(figure: Pick<Figure, 'unit' | 'median' | 'least' | 'most'>): string {
  const spread = spreadText(figure);
  return spread === '' ? figureText(figure) : `${figureText(figure)} (${spread})`;
}

/** The figure with its unit. */
export const figureText = ({ median, unit }: Pick<Figure, 'median' | 'unit'>): string =>
  `${numberText(median)} ${unit}`.trim();

/** Empty where there was one run, or all gave the same. */
const spreadText = ({ least, most }: Pick<Figure, 'least' | 'most'>): string =>
  least === most ? '' : `${numberText(least)} to ${numberText(most)}`;

/** Three significant digits, and whole above a hundred. */
export function numberText(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
