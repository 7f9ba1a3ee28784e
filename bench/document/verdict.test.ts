import { describe, expect, test } from '@jest/globals';
import type { Bar } from './bars.ts';
import type { AllMeasured } from './measured.ts';
import { boundText, figureOf, verdictOf } from './verdict.ts';

const TIME: Bar = {
  source: 'within 300 s',
  part: 'fleet',
  figure: 'time',
  unit: 's',
  bound: { atMost: 300 },
  judgedBy: 'median',
};
const RATE: Bar = { ...TIME, figure: 'rate', unit: '/s', bound: { atLeast: 5_000 } };
const time = (median: number, least = median, most = median) => ({
  name: 'time',
  unit: 's',
  median,
  least,
  most,
});
const rate = (median: number, least: number, most: number) => ({ ...time(median, least, most), unit: '/s' });

describe('a bar', () => {
  test('is met up to its bound, and by how much it is missed is told in its unit and in times', () => {
    expect(verdictOf(TIME, time(300))).toBe('met');
    expect(verdictOf(TIME, time(1_215))).toBe('**missed** by 915 s, 4.05 times the bar');
  });

  test('from below is met at its bound and missed under it', () => {
    expect(verdictOf(RATE, rate(5_000, 4_000, 6_000))).toBe('met');
    expect(verdictOf(RATE, rate(4_136, 4_043, 5_354))).toBe('**missed** by 864 /s, 0.827 times the bar');
  });

  test('on every run is missed by its worst, which is the least of a rate', () => {
    expect(verdictOf({ ...TIME, judgedBy: 'worst' }, time(82, 45, 301))).toBe(
      '**missed** by 1 s, 1 times the bar',
    );
    expect(verdictOf({ ...RATE, judgedBy: 'worst' }, rate(6_000, 4_500, 7_000))).toContain('missed');
  });

  test('on an estimate stays open where it lies in the interval', () => {
    const bar: Bar = { ...TIME, judgedBy: 'interval' };
    expect(verdictOf(bar, time(200, 190, 210))).toBe('met');
    expect(verdictOf(bar, time(310, 290, 330))).toMatch(/^open/);
    expect(verdictOf(bar, time(290, 270, 310))).toMatch(/^open/);
    expect(verdictOf(bar, time(330, 310, 350))).toBe('**missed** by 30 s, 1.1 times the bar');
  });

  test('that nobody measured is open', () => {
    expect(figureOf(TIME, {})).toBeUndefined();
    expect(figureOf({ ...TIME, unit: 'ms' }, measured({ fleet: time(299) }))).toBeUndefined();
    expect(verdictOf(TIME, undefined)).toBe('open');
  });

  test('on a ratio divides by the figure of the other part', () => {
    const bar: Bar = { ...TIME, against: 'small fleet', unit: 'times', bound: { atMost: 1.3 } };
    const figure = figureOf(bar, measured({ fleet: time(1_215), 'small fleet': time(2_106) }));
    expect(figure?.median).toBeCloseTo(0.577, 3);
    expect(boundText(bar)).toBe('at most 1.3 times');
    expect(figureOf(bar, measured({ fleet: time(1_215) }))).toBeUndefined();
  });
});

function measured(figures: Readonly<Record<string, ReturnType<typeof time>>>): AllMeasured {
  const machine = {
    cpu: 'a',
    cores: 2,
    memoryBytes: 1,
    system: 'Linux',
    node: 'v24',
    commit: '0123abc',
    fileSystem: 'ext4',
  };
  const run = { on: '2026-11-27', command: 'npm run bench', machine };
  return Object.fromEntries(
    Object.entries(figures).map(([part, figure]) => [part, { ...run, figures: [figure] }]),
  );
}
