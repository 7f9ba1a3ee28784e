import type { Machine } from '../measure/machine.ts';
import type { Figure } from '../sections/bench-run.ts';

/** Machine and figures as a table in Markdown, so that it can go into a document as it is. */
export function printFigures(machine: Machine, figures: readonly Figure[]): string {
  const { cpu, cores, memoryBytes, system, node, commit, load, fileSystem } = machine;
  const memory = `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  const head = `${cpu}, ${cores} cores, ${memory}, ${system}, ${fileSystem}, Node ${node}, commit ${commit}, load ${load.toFixed(2)} before\n`;
  const rows = figures.map(
    ({ name, unit, median, least, most, note }) =>
      `| ${name}${note === undefined ? '' : ` (${note})`} | ${text(median)} ${unit} | ${text(least)} to ${text(most)} |`,
  );
  return `${head}\n| figure | median | least to most |\n| --- | --: | --: |\n${rows.join('\n')}\n`;
}

/** Three significant digits, and whole above a hundred. */
function text(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
