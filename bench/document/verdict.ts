import { figureText, numberText, titleOf } from '../print/print-figures.ts';
import type { Figure } from '../sections/bench-run.ts';
import type { Bar } from './bars.ts';
import type { AllMeasured } from './measured.ts';

/** The figure that shows whether a bar is reached; `undefined` where it was not measured, or not in that unit. */
export function figureOf({ part, figure, unit, against }: Bar, measured: AllMeasured): Figure | undefined {
  const of = (run: string) => measured[run]?.figures.find((one) => titleOf(one) === figure);
  const own = against === undefined ? of(part) : ratioOf(of(part), of(against));
  return own?.unit === unit ? own : undefined;
}

function ratioOf(one: Figure | undefined, other: Figure | undefined): Figure | undefined {
  if (one === undefined || other === undefined) return undefined;
  const ratio = one.median / other.median;
  return { name: one.name, unit: 'times', median: ratio, least: ratio, most: ratio };
}

/** `met`, or by how much a bar is missed. Open where it was not measured, or where it lies in the interval of an estimate. */
export function verdictOf(bar: Bar, figure: Figure | undefined): string {
  if (figure === undefined) return 'open';
  const { median, least, most } = figure;
  const [best, worst] = 'atMost' in bar.bound ? [least, most] : [most, least];
  switch (bar.judgedBy) {
    case 'median':
      return missedBy(bar, median);
    case 'worst':
      return missedBy(bar, worst);
    case 'interval':
      return missedBy(bar, best) === MET && missedBy(bar, worst) !== MET
        ? 'open: the bar lies in its 95 % interval'
        : missedBy(bar, median);
  }
}

const MET = 'met';

function missedBy({ bound, unit }: Bar, value: number): string {
  const limit = 'atMost' in bound ? bound.atMost : bound.atLeast;
  const excess = 'atMost' in bound ? value - limit : limit - value;
  if (excess <= 0) return MET;
  return `**missed** by ${figureText({ median: excess, unit })}, ${numberText(value / limit)} times the bar`;
}

/** The bound as it is told. */
export function boundText({ bound, unit }: Bar): string {
  return 'atMost' in bound
    ? `at most ${figureText({ median: bound.atMost, unit })}`
    : `at least ${figureText({ median: bound.atLeast, unit })}`;
}
