/** Checks that are to be answered in a second. */
export const CHECKS_PER_SECOND = 5_000;
/** From the start of a process until the handler of its bundle is there. */
export const READY_WITHIN_MS = 100;

/** Something that was asked for, and the figure that shows whether it is reached. */
export interface Bar {
  /** In the words in which it was asked for. */
  readonly source: string;
  /** The part of the bench that measures it. */
  readonly part: string;
  /** The name of its figure there, `of` included as it is printed. */
  readonly figure: string;
  readonly unit: string;
  readonly bound: { readonly atMost: number } | { readonly atLeast: number };
  /** What is held against the bound: the median; the worst run of all; or the interval that an estimate lies in. */
  readonly judgedBy: 'median' | 'worst' | 'interval';
  /** A part whose figure of that name this one is divided by first. */
  readonly against?: string;
  /** When alone a run has that figure. */
  readonly onlyWhere?: string;
}

const CHECKS = '5,000 checks a second, p99 below 50 ms';
const SATURATED = 'checks answered, saturated (64 in flight)';
const MILLION = 'million 1,000,000';
const MILLION_TIME = 'a million devices within 300 s, then within 120 s';
const FIVE_WRITES = 'launching, opening a stage, halting: at most five writes each';
const BRICKS = 'bricks before halt: 10 / 4 / 10 in the mean where 1 / 20 / 100 % brick';
const START = 'start to serving within 2 s';
const MEMORY = 'idle memory within 150 MB';

/** All bars, in the order of docs/performance.md. Those of cost are in docs/cost.md, that of the simulation in docs/reliability.md. */
export const BARS: readonly Bar[] = [
  {
    source: CHECKS,
    part: 'checks',
    figure: SATURATED,
    unit: '/s',
    bound: { atLeast: CHECKS_PER_SECOND },
    judgedBy: 'median',
  },
  {
    source: CHECKS,
    part: 'checks',
    figure: `${SATURATED}: p99`,
    unit: 'ms',
    bound: { atMost: 50 },
    judgedBy: 'median',
  },
  {
    source: CHECKS,
    part: 'checks',
    figure: 'checks answered at half that rate: p99',
    unit: 'ms',
    bound: { atMost: 50 },
    judgedBy: 'median',
  },
  {
    source: CHECKS,
    part: 'checks',
    figure: `checks answered when ${CHECKS_PER_SECOND} come each second: p99`,
    unit: 'ms',
    bound: { atMost: 50 },
    judgedBy: 'median',
    onlyWhere: 'the host answers more than that at saturation',
  },
  {
    source: MILLION_TIME,
    part: MILLION,
    figure: 'whole rollout',
    unit: 's',
    bound: { atMost: 300 },
    judgedBy: 'worst',
  },
  {
    source: MILLION_TIME,
    part: MILLION,
    figure: 'whole rollout',
    unit: 's',
    bound: { atMost: 120 },
    judgedBy: 'worst',
  },
  {
    source: 'a million devices: below 1 GB',
    part: MILLION,
    figure: 'peak of resident memory',
    unit: 'MB',
    bound: { atMost: 1_024 },
    judgedBy: 'worst',
  },
  {
    source: 'time for one device at a million at most 1.3 times that at 10,000',
    part: MILLION,
    figure: 'time for one device',
    unit: 'times',
    against: 'million 10,000',
    bound: { atMost: 1.3 },
    judgedBy: 'median',
  },
  ...['launch', 'opening a stage', 'halting'].map(
    (decision): Bar => ({
      source: FIVE_WRITES,
      part: MILLION,
      figure: `${decision}, items written`,
      unit: '',
      bound: { atMost: 5 },
      judgedBy: 'worst',
    }),
  ),
  ...['start on empty data', 'start with 10000 registered devices'].map(
    (figure): Bar => ({
      source: START,
      part: 'start',
      figure,
      unit: 'ms',
      bound: { atMost: 2_000 },
      judgedBy: 'worst',
    }),
  ),
  ...['on empty data', 'with 10000 registered devices'].map(
    (data): Bar => ({
      source: MEMORY,
      part: 'start',
      figure: `resident memory at rest ${data}`,
      unit: 'MB',
      bound: { atMost: 150 },
      judgedBy: 'worst',
    }),
  ),
  {
    source: `every bundle ready within ${READY_WITHIN_MS} ms`,
    part: 'bundles',
    figure: 'process start to handler ready',
    unit: 'ms',
    bound: { atMost: READY_WITHIN_MS },
    judgedBy: 'worst',
  },
  ...(
    [
      ['1 %', 10],
      ['20 %', 4],
      ['100 %', 10],
    ] as const
  ).map(
    ([rate, atMost]): Bar => ({
      source: BRICKS,
      part: 'bricks',
      figure: `${rate} brick: Evenkeel, mean`,
      unit: 'bricks',
      bound: { atMost },
      judgedBy: 'interval',
    }),
  ),
  {
    source: 'false halts: at most 0.1 %',
    part: 'bricks',
    figure: 'healthy, 0.1 % dark: false halts',
    unit: '%',
    bound: { atMost: 0.1 },
    judgedBy: 'interval',
  },
];
