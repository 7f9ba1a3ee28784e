import type { StackReport } from './package-report.ts';

/** The functions of all stacks, then the stacks, as two tables of text. */
export function printedReport(stacks: readonly StackReport[]): string {
  const functions = stacks.flatMap(({ name, functions: all }) =>
    all.map(({ key, triggers, kilobytes, budgetKilobytes }) => [
      name,
      key,
      triggers.join(', '),
      String(kilobytes),
      String(budgetKilobytes),
    ]),
  );
  const rows = stacks.map(({ name, functions: all, resources, findings, complaints, seconds }) => [
    name,
    String(all.length),
    String(resources),
    String(findings.length + complaints.length),
    seconds.toFixed(1),
  ]);
  return [
    printedTable(['service', 'function', 'triggers', 'KB', 'budget'], functions, 3),
    printedTable(['stack', 'functions', 'resources', 'findings', 'seconds'], rows, 1),
  ].join('\n');
}

/** Columns as wide as they need; from column `numbers` on they are numbers, and stand at the right. */
function printedTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: number,
): string {
  const all = [head, ...rows];
  const widths = head.map((_name, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column < numbers ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
}
