import { BILLED_UNITS, type Usage } from '#shared/metering/billed-unit.ts';
import { PRICE_BOOK, PRICES_ARE } from '#shared/metering/price-book.ts';
import { STANDING_COSTS } from '#shared/metering/standing-costs.ts';
import { STEP_TEXT, UPDATE_STEPS, type UpdateWay } from '#shared/metering/steps.ts';
import { markdownTable } from '../print/markdown-table.ts';
import type { CostFigures } from './cost-figures.ts';

/**
 * The figures as tables in Markdown: each way as a whole, also of a fleet that comes more slowly (`paced`, one for each way), by step and
 * term, an idle check, what stands apart, and the price book.
 */
export function costTables(asked: CostFigures, direct: CostFigures, paced: readonly CostFigures[]): string {
  const ways = [asked, direct];
  // Idle checks are the same whatever the way.
  const { perIdleCheck, idleDollars, fleet } = asked;
  return [
    `${PRICES_ARE}. ${fleet.devices.toLocaleString('en')} devices, ${fleet.wave} of them in a second, scaled to a million; each had an update before.\n`,
    markdownTable(
      ['one update of a million devices', ...[asked, ...paced.slice(0, 1)].map(speedOf)],
      ways.map(({ fleet: { way }, updateDollars }) => [
        WAY_TEXT[way],
        `**${updateDollars.toFixed(2)}**`,
        ...paced.filter(({ fleet }) => fleet.way === way).map((one) => one.updateDollars.toFixed(2)),
      ]),
    ),
    ...ways.map(updateTable),
    markdownTable(
      ['an idle check', 'units', '$ a million'],
      [...termRows(perIdleCheck), ['**together**', '', `**${idleDollars.toFixed(3)}**`]],
    ),
    markdownTable(
      ['a month of a million devices', '$', 'how'],
      STANDING_COSTS.map(({ what, dollars, note }) => [what, dollars.toFixed(2), note]),
    ),
    markdownTable(
      ['price', '$ a million', 'source', 'rule'],
      BILLED_UNITS.map((unit) => {
        const { term, dollarsPerMillion, source, rule } = PRICE_BOOK[unit];
        return [term, String(dollarsPerMillion), source, rule];
      }),
    ),
  ].join('\n');
}

const speedOf = ({ fleet: { wave } }: CostFigures): string => `$, ${wave} in a second`;

const WAY_TEXT: Readonly<Record<UpdateWay, string>> = {
  asked: 'in two steps (`permits: asked`): offer, permit, "rebooting", proof',
  direct: 'in one answer (`permits: direct`): permit and offer together, proof',
};

function updateTable({ perDevice, updateDollars, fleet: { way } }: CostFigures): string {
  const update = UPDATE_STEPS.flatMap((step) => {
    const used = perDevice[step];
    const rows = termRows(used).map((row) => ['', ...row]);
    const [first, ...more] = rows;
    return first === undefined
      ? []
      : [[STEP_TEXT[step], ...first.slice(1)], ...more, ['', '', '', `**${sumOf(used)}**`]];
  });
  return markdownTable(
    [way === 'direct' ? 'in one answer' : 'in two steps', 'term', 'units a device', '$ a million'],
    [...update, ['**one update**', '', '', `**${updateDollars.toFixed(2)}**`]],
  );
}

function termRows(usage: Usage): string[][] {
  return BILLED_UNITS.flatMap((unit) => {
    const amount = usage[unit];
    if (amount === undefined) return [];
    const { term, dollarsPerMillion } = PRICE_BOOK[unit];
    return [[term, amount.toFixed(4), (amount * dollarsPerMillion).toFixed(3)]];
  });
}

const sumOf = (usage: Usage): string =>
  BILLED_UNITS.reduce(
    (sum, unit) => sum + (usage[unit] ?? 0) * PRICE_BOOK[unit].dollarsPerMillion,
    0,
  ).toFixed(2);
