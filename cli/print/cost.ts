import type { CostStep, RolloutCost } from '#shared/contracts/api/cost.ts';
import { table } from './table.ts';
import { dollars } from './units.ts';

const UPDATE_COLUMNS = [
  { title: 'STEP' },
  { title: 'TIMES', align: 'right' },
  { title: 'SPENT', align: 'right' },
  { title: 'A MILLION DEVICES', align: 'right' },
] as const;

/** What a rollout costs, for people; `terms` shows what AWS counts of each step. */
export function costText(cost: RolloutCost, { terms }: { readonly terms: boolean }): string {
  const { update, control, meanwhile, standing, devices, updateDollarsPerMillion } = cost;
  const sum = update.reduce((all, one) => all + one.dollars, 0);
  const total = ['one update', count(devices), dollars(sum), dollars(updateDollarsPerMillion)];
  const parts = [
    `${cost.prices}\n${BASIS[cost.basis]}\n`,
    devices === 0
      ? 'no permit was granted yet: there is nothing to divide by\n'
      : table(UPDATE_COLUMNS, [...rowsOf(update, terms), total]),
    control.length === 0 ? '' : `besides, so far:\n${table(APART_COLUMNS, rowsOf(control, terms))}`,
    meanwhile.length === 0
      ? ''
      : `meanwhile, by the million:\n${table(APART_COLUMNS, rowsOf(meanwhile, terms))}`,
    `a month of a million devices, whatever is rolled out:\n${table(
      STANDING_COLUMNS,
      standing.map(({ what, dollars: month, note }) => [what, dollars(month), note]),
    )}`,
    cost.assumptions.map((one) => `- ${one}\n`).join(''),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

const BASIS: Readonly<Record<RolloutCost['basis'], string>> = {
  metered: 'metered call by call since the launch; small batches make small rollouts dearer than large ones',
  modelled: 'reckoned from the permits granted and what each step was measured to take (docs/cost.md)',
};

const APART_COLUMNS = [
  { title: 'WHAT' },
  { title: 'TIMES', align: 'right' },
  { title: 'SPENT', align: 'right' },
  { title: 'A MILLION', align: 'right' },
] as const;

const STANDING_COLUMNS = [{ title: 'WHAT' }, { title: 'DOLLARS', align: 'right' }, { title: 'HOW' }] as const;

const count = (value: number): string => Math.round(value).toLocaleString('en');

function rowsOf(steps: readonly CostStep[], terms: boolean): string[][] {
  return steps.flatMap((step) => {
    const row = [step.text, count(step.count), dollars(step.dollars), dollars(step.dollarsPerMillion)];
    if (!terms || step.dollars === 0) return [row];
    const scale = (step.dollarsPerMillion ?? 0) / step.dollars;
    const own = step.terms.map(({ term, units, dollars: spent }) => [
      `  ${term}`,
      Number.isInteger(units) ? count(units) : units.toFixed(2),
      dollars(spent),
      scale === 0 ? '' : dollars(spent * scale),
    ]);
    return [row, ...own];
  });
}
