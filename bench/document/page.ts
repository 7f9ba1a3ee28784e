import { markdownTable } from '../print/markdown-table.ts';
import { figuresTable, machineText, sideBySide, valueText } from '../print/print-figures.ts';
import { BARS, type Bar } from './bars.ts';
import { withMadePart } from './made-part.ts';
import type { AllMeasured, Measured } from './measured.ts';
import { boundText, figureOf, verdictOf } from './verdict.ts';

const SECTIONS = ['baseline', 'checks', 'permits', 'connections', 'bricks', 'start', 'bundles'];
const FLEETS = ['million 10,000', 'million 100,000', 'million 1,000,000'];

/** Whether docs/performance.md has a place for that part of the bench. Cost has a page of its own. */
export const isOnPage = (part: string): boolean => [...SECTIONS, ...FLEETS].includes(part);

/** The page with its tables as measured. Throws when it lacks the place of one. */
export function pageWith(page: string, measured: AllMeasured): string {
  const tables: [string, string][] = [
    ['bars', barsTable(measured)],
    ['million', fleetsPart(measured)],
    ...SECTIONS.map((name): [string, string] => [name, sectionPart(name, measured[name])]),
  ];
  return tables.reduce((so, [name, text]) => withMadePart(so, `<!-- measured: ${name} -->`, text), page);
}

function barsTable(measured: AllMeasured): string {
  const rows = BARS.map((bar) => {
    const figure = figureOf(bar, measured);
    return [
      bar.source,
      bar.figure,
      boundText(bar),
      figure === undefined ? absentText(bar) : valueText(figure),
      verdictOf(bar, figure),
    ];
  });
  // What was asked for in one breath is said once.
  const firsts = rows.map(([source = '', ...rest], at) => [
    rows[at - 1]?.[0] === source ? '' : source,
    ...rest,
  ]);
  return markdownTable(['asked for', 'figure', 'bar', 'measured', 'verdict'], firsts);
}

const absentText = ({ onlyWhere }: Bar): string =>
  onlyWhere === undefined ? 'not measured' : `only measured where ${onlyWhere}`;

function fleetsPart(measured: AllMeasured): string {
  const runs = FLEETS.flatMap((part) => {
    const run = measured[part];
    return run === undefined ? [] : [{ title: `${part.replace('million ', '')} devices`, run }];
  });
  const heads = runs.map(({ title, run }) => `- ${title}: ${headOf(run)}\n`).join('');
  return `${heads}\n${sideBySide(Object.fromEntries(runs.map(({ title, run }) => [title, run.figures])))}`;
}

function sectionPart(name: string, run: Measured | undefined): string {
  if (run === undefined) return `Not measured yet: \`npm run bench -- --only ${name} --document\`.\n`;
  const groups = Map.groupBy(run.figures, ({ of }) => of);
  const alone = groups.get(undefined) ?? [];
  const compared = [...groups].flatMap(([of, figures]) => (of === undefined ? [] : [[of, figures] as const]));
  return [
    `${headOf(run)}\n`,
    ...(alone.length > 0 ? [figuresTable(alone)] : []),
    ...(compared.length > 0 ? [sideBySide(Object.fromEntries(compared))] : []),
  ].join('\n');
}

/** What a reader needs to judge a run, and to repeat it. */
function headOf({ on, command, machine, otherCores }: Measured): string {
  const others =
    otherCores === undefined
      ? 'what others used was not recorded'
      : `others used ${otherCores.toFixed(2)} cores`;
  return `${on}, commit \`${machine.commit}\`, \`${command}\`; ${others}; ${machineText(machine)}.`;
}
