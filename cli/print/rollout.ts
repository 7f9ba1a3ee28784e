import type { AttemptCounts, RolloutView } from '#shared/contracts/api/rollouts.ts';
import type { FailureCount } from '../actions/rollout-failures.ts';
import { bar } from './bar.ts';
import { plain } from './plain.ts';
import { facts, paragraphs, table } from './table.ts';
import { duration, moment, percent } from './units.ts';

const BAR_WIDTH = 24;
/** The tests nearest to their line are shown; a fleet may have hundreds of cohorts. */
const MOST_EVIDENCE = 8;
const STAGE_SIGN = { passed: '✓', open: '>', waiting: ' ' } as const;

/** Attempts that were given a permit, whatever became of it; a void permit was given back. */
export function exposedOf(counts: AttemptCounts): number {
  const { granted, installing, good, failed, reverted, silent, lost, transient, excused } = counts;
  return granted + installing + good + failed + reverted + silent + lost + transient + excused;
}

/** What happens now, on one line: `running: 12 of 100 exposed, 8 good, 0 bad`. */
export function summaryLine(view: RolloutView): string {
  const { counts, stages, window } = view;
  const { good, failed, reverted, silent, lost, installing, granted } = counts;
  const open = stages.find(({ state }) => state === 'open');
  const most = Math.min(open?.ceiling ?? view.members, view.members);
  const parts = [
    open === undefined ? undefined : `stage ${open.name}`,
    // Attempts are counted: a device that was excused may make a second one.
    `${Math.min(exposedOf(counts), most)} of ${most} exposed`,
    `${good} good`,
    `${failed + reverted + silent + lost} bad`,
    `${granted + installing} on the way`,
    `window ${window.used}/${window.size}`,
    ...(view.reason === undefined ? [] : [view.stalled ? `stalled: ${view.reason}` : view.reason]),
  ];
  return plain(`${view.state}: ${parts.filter((part) => part !== undefined).join(', ')}`);
}

/**
 * The whole of a rollout as a few lines: stages with bars, counters, window, evidence and where it halts. With `nowMs` it says
 * how long ago things were, which grows stale on a screen that stays.
 */
export function rolloutText(view: RolloutView, nowMs?: number): string {
  const { counts, window, evidence } = view;
  const blocked = window.blockedBy === undefined ? '' : ` (${window.blockedBy})`;
  const head = facts([
    ['rollout', `${view.rollout}  ${view.release}`],
    ['state', view.reason === undefined ? stateText(view) : `${stateText(view)}: ${view.reason}`],
    ['unreadable', view.unreadable && `${view.unreadable}; only permits are counted below`],
    ['launched', launchedText(view, nowMs)],
    ['approvals', approvalsText(view)],
    // They are counted at the launch.
    ['members', wasLaunched(view) ? String(view.members) : undefined],
    ['hold-out', holdOutText(view, nowMs)],
    ['window', `${window.used} of ${window.size} used${blocked}`],
    ['halts at', view.haltsAt],
  ]);
  const happened = wasLaunched(view) ? [countsText(counts), evidenceText(evidence)] : [];
  return paragraphs([head, stagesText(view), ...happened]);
}

/** Whether anything can have happened to devices: not of a draft, nor of one that was aborted. */
export const wasLaunched = ({ launchedAtMs }: Pick<RolloutView, 'launchedAtMs'>): boolean =>
  launchedAtMs !== undefined;

/** `running, stalled`. */
export const stateText = ({ state, stalled }: Pick<RolloutView, 'state' | 'stalled'>): string =>
  stalled ? `${state}, stalled` : state;

/** `1 of 2: operator:ada; 1 missing`; `undefined` where the document asks for none. */
export function approvalsText({ approvals }: RolloutView): string | undefined {
  if (approvals === undefined) return undefined;
  const { needed, missing, given } = approvals;
  const by = given.length === 0 ? '' : `: ${given.map((one) => one.by).join(', ')}`;
  return `${given.length} of ${needed}${by}${missing === 0 ? '' : `; ${missing} missing`}`;
}

/** Attempts by cohort, one row each and a sum below when there are several. */
export function cohortsText({ cohorts, counts }: RolloutView): string {
  if (cohorts.length === 0) return '';
  const columns = [
    { title: 'HARDWARE' },
    { title: 'FROM' },
    ...COUNTS.map((title) => ({ title: title.toUpperCase(), align: 'right' }) as const),
  ];
  const rows = cohorts.map(({ hardware, from, counts: of }) => [hardware, from, ...numbers(of)]);
  return table(columns, cohorts.length === 1 ? rows : [...rows, ['all', '', ...numbers(counts)]]);
}

/** Failures by reason, hardware and version; and how many more there are, whose reasons the log of reports does not have yet. */
export function failuresText(
  failures: readonly FailureCount[],
  { failed, reverted, silent, lost }: AttemptCounts,
): string {
  const missing = failed + reverted + silent + lost - failures.reduce((sum, { count }) => sum + count, 0);
  const later = missing > 0 ? `reasons of ${missing} are not counted yet: look again in a minute\n` : '';
  if (failures.length === 0) return later === '' ? 'no failures\n' : later;
  const rows = failures.map(({ reason, hardware, version, count }) => [
    reason,
    hardware,
    version,
    String(count),
  ]);
  const columns = [{ title: 'FAILURE' }, { title: 'HARDWARE' }, { title: 'VERSION' }];
  return `${table([...columns, { title: 'ATTEMPTS', align: 'right' }], rows)}${later}`;
}

const COUNTS = [
  'granted',
  'installing',
  'good',
  'failed',
  'reverted',
  'silent',
  'lost',
  'transient',
  'excused',
  'void',
  'recovered',
] as const;

const numbers = (counts: AttemptCounts): string[] => COUNTS.map((kind) => String(counts[kind]));

function holdOutText({ holdOut }: RolloutView, nowMs: number | undefined): string | undefined {
  if (holdOut === undefined) return undefined;
  const { share, untilMs, heldBack } = holdOut;
  const isOver = nowMs !== undefined && nowMs >= untilMs;
  return `${share} of the devices, ${isOver ? 'over since' : 'until'} ${moment(untilMs)}; ${heldBack} held back`;
}

function launchedText({ launchedAtMs }: RolloutView, nowMs: number | undefined): string | undefined {
  if (launchedAtMs === undefined) return undefined;
  if (nowMs === undefined) return moment(launchedAtMs);
  return `${moment(launchedAtMs)}, ${duration(Math.max(0, nowMs - launchedAtMs))} ago`;
}

function stagesText({ stages, counts, members }: RolloutView): string {
  const exposed = exposedOf(counts);
  const width = Math.max(0, ...stages.map(({ name }) => name.length));
  return stages
    .map(({ name, state, ceiling, gate }) => {
      // A stage of a hundred has no more than the members that there are.
      const most = ceiling === undefined ? undefined : Math.min(ceiling, members);
      const share = state === 'waiting' || !most ? 0 : exposed / most;
      const of = most === undefined ? '' : `${Math.min(exposed, most)}/${most}`;
      const text = `${STAGE_SIGN[state]} ${name.padEnd(width)} ${bar(share, BAR_WIDTH)} ${of}  ${gate ?? ''}`;
      return `${plain(text).trimEnd()}\n`;
    })
    .join('');
}

function countsText(counts: AttemptCounts): string {
  const given = COUNTS.filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${kind}`);
  return given.length === 0 ? 'no device has a permit yet\n' : `${given.join(', ')}\n`;
}

function evidenceText(evidence: RolloutView['evidence']): string {
  if (evidence.length === 0) return '';
  const nearest = evidence.toSorted((a, b) => b.share - a.share).slice(0, MOST_EVIDENCE);
  const hidden = evidence.length - nearest.length;
  const rows = nearest.map(({ scope, kind, bad, exposed, share }) => [
    scope,
    kind,
    `${bad} of ${exposed}`,
    `${bar(share, BAR_WIDTH)} ${percent(share)}`,
  ]);
  const text = table(
    [
      { title: 'EVIDENCE' },
      { title: 'KIND' },
      { title: 'BAD', align: 'right' },
      { title: 'OF THE WAY TO A HALT' },
    ],
    rows,
  );
  return hidden === 0 ? text : `${text}and ${hidden} farther from their line\n`;
}
