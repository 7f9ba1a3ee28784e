import type * as z from 'zod';
import { AttemptCounts, type EvidenceView, type RolloutView } from '#shared/contracts/api/rollouts.ts';
import { type Fleet, fleetNow, stageCeilingOf } from '../domain/advance/fleet.ts';
import { type AdvancePlan, planAdvance } from '../domain/advance/plan-advance.ts';
import { waitText } from '../domain/advance/wait-text.ts';
import { countOf, ENDED_KINDS, type KindCounts } from '../domain/counting/counter-kinds.ts';
import { printPercent } from '../domain/document/percent.ts';
import { digestOfDocument, printDocument } from '../domain/document/print-document.ts';
import type { RolloutDocument } from '../domain/document/rollout-document.ts';
import type { Assessment } from '../domain/halting/assess-evidence.ts';
import { boundaryText, pooledBoundary } from '../domain/halting/halt-boundary.ts';
import type { TestResult } from '../domain/halting/scope-tests.ts';
import type { HoldOut } from '../domain/holdout/hold-out.ts';
import type { OverLine } from '../domain/lifecycle/commands.ts';
import type { Cohort } from '../stores/cohort-store.ts';
import type { GateLife } from '../stores/gate-store.ts';
import type { RolloutControl, WholeRollout } from './rollout-evidence.ts';

/** A rollout as people look at it: counted, judged and planned by the very code that decides. */
export function viewOf(whole: WholeRollout, nowMs: number): RolloutView {
  const { record, gate, evidence, cohorts } = whole;
  const { document } = record;
  const plan = planAdvance(evidence, nowMs);
  const fleet = fleetNow(evidence, nowMs);
  const stalled = gate.state === 'running' ? plan.progress.stalled : undefined;
  const reason = gate.reason ?? stalled;
  return {
    rollout: record.rollout,
    release: document.release,
    state: gate.state,
    ...(reason !== undefined && { reason }),
    ...(stalled !== undefined && { stalled: true }),
    createdAtMs: record.createdAtMs,
    ...(wasLaunched(gate) && { launchedAtMs: gate.launchedMs ?? record.createdAtMs }),
    document: printDocument(document),
    ...(whole.approvals.needed > 0 && { approvals: approvalsView(whole) }),
    members: fleet.members ?? 0,
    ...(gate.holdOut && { holdOut: holdOutView(gate.holdOut, fleet) }),
    stages: stagesOf(whole, plan, fleet, nowMs),
    counts: totalCounts(whole, plan),
    cohorts: cohorts.map(({ number, hardware, from }) => ({
      hardware,
      from,
      counts: countsOf(evidence.gate.granted.get(number) ?? 0, plan.tally.cohorts.get(number) ?? {}),
    })),
    window: windowOf(whole, plan),
    evidence: plan.assessment.tests.map((test) => evidenceOf(test, cohorts)),
    haltsAt: haltsAt(document),
  };
}

/** A rollout whose counters or document cannot be read: what its gate knows, and `what` is wrong. */
export function unreadableView({ record, gate, evidence }: RolloutControl, what: string): RolloutView {
  const { document, product, version } = record;
  const { stage } = evidence.progress;
  const granted = [...gate.cohorts.values()].reduce((sum, cohort) => sum + cohort.granted, 0);
  return {
    rollout: record.rollout,
    release: `${product}/${version}`,
    state: gate.state,
    ...(gate.reason !== undefined && { reason: gate.reason }),
    unreadable: what,
    createdAtMs: record.createdAtMs,
    ...(wasLaunched(gate) && { launchedAtMs: gate.launchedMs ?? record.createdAtMs }),
    document: document && printDocument(document),
    members: 0,
    stages: (document?.stages ?? []).map(({ name }, index) => ({
      name,
      state: stageState(index, stage, gate),
    })),
    counts: countsOf(granted, {}),
    cohorts: [],
    window: { size: 0, used: 0, blockedBy: gate.state === 'running' ? 'unreadable' : gate.state },
    evidence: [],
    haltsAt: document === undefined ? 'not known' : haltsAt(document),
  };
}

const haltsAt = ({ halt }: RolloutDocument): string =>
  boundaryText(pooledBoundary(halt.failureRate, halt.falseHalt));

/** A draft may be aborted, and then no stage was ever open. */
const wasLaunched = ({ state, launchedMs }: Pick<GateLife, 'state' | 'launchedMs'>): boolean =>
  state !== 'draft' && (state !== 'aborted' || launchedMs !== undefined);

function stageState(
  index: number,
  openStage: number,
  gate: Pick<GateLife, 'state' | 'launchedMs'>,
): RolloutView['stages'][number]['state'] {
  if (index === openStage && wasLaunched(gate)) return 'open';
  return index < openStage ? 'passed' : 'waiting';
}

function holdOutView({ share, untilMs }: HoldOut, { heldBack = 0 }: Fleet): RolloutView['holdOut'] {
  return { share: printPercent(share), untilMs, heldBack };
}

function approvalsView({ record, approvals }: WholeRollout): RolloutView['approvals'] {
  const { needed, given, missing } = approvals;
  return { needed, missing, given: [...given], documentSha256: digestOfDocument(record.document) };
}

/** `cam-rev-b from 2.0.0`, as people name a cohort. */
function cohortText(cohorts: readonly Cohort[], number: number): string {
  const cohort = cohorts.find((one) => one.number === number);
  if (cohort === undefined) return 'other';
  const { hardware, from, tag } = cohort;
  return `${hardware} from ${from}${tag === undefined ? '' : ` (${tag})`}`;
}

function whereOf(scope: TestResult['scope'], cohorts: readonly Cohort[]): string {
  if (scope === 'pooled') return 'all cohorts together';
  return scope === 'tagged' ? 'all cohorts by tag together' : cohortText(cohorts, scope.cohort);
}

/** Why a test halts, in words: `cam-rev-b from 2.0.0: 2 of 10 bad (failed, reverted or silent)`. */
export function haltText({ scope, kind, k, n }: TestResult, cohorts: readonly Cohort[]): string {
  return `${whereOf(scope, cohorts)}: ${k} of ${n} bad (${kind === 'lostRate' ? 'lost' : 'failed, reverted or silent'})`;
}

/** The test that is farthest over its line, in the words of a halt, or `false` where none is. */
export const overLineOf = (assessment: Assessment, cohorts: readonly Cohort[]): OverLine =>
  assessment.verdict === 'halt' && haltText(assessment.because, cohorts);

function evidenceOf(test: TestResult, cohorts: readonly Cohort[]): z.infer<typeof EvidenceView> {
  const { scope, kind, k, n, evidenceShare } = test;
  return {
    scope: typeof scope === 'string' ? scope : cohortText(cohorts, scope.cohort),
    kind: kind === 'lostRate' ? 'lost' : 'failed',
    bad: k,
    exposed: n,
    share: evidenceShare,
  };
}

function stagesOf(
  { record, gate, evidence }: WholeRollout,
  plan: AdvancePlan,
  fleet: Fleet,
  nowMs: number,
): RolloutView['stages'] {
  const { progress } = evidence;
  const waits = waitText(record.document, gate, plan, nowMs);
  return record.document.stages.map(({ name }, index) => {
    const state = stageState(index, progress.stage, gate);
    const ceiling =
      fleet.members === undefined
        ? undefined
        : stageCeilingOf({ ...evidence, fleet, progress: { ...progress, stage: index } });
    return {
      name,
      state,
      ...(ceiling !== undefined && { ceiling }),
      ...(state === 'open' && waits !== undefined && { gate: waits }),
    };
  });
}

function windowOf({ gate }: WholeRollout, { window }: AdvancePlan): RolloutView['window'] {
  const { pooled } = window;
  const blocked = gate.state === 'running' ? pooled.blockedBy.join(', ') : gate.state;
  return {
    size: pooled.window,
    used: pooled.young + pooled.suspects,
    ...(blocked !== '' && { blockedBy: blocked }),
  };
}

function totalCounts({ evidence }: WholeRollout, { tally }: AdvancePlan): AttemptCounts {
  const counts = [...tally.cohorts].map(([cohort, kinds]) =>
    countsOf(evidence.gate.granted.get(cohort) ?? 0, kinds),
  );
  const ungranted = [...evidence.gate.granted].filter(([cohort]) => !tally.cohorts.has(cohort));
  return [...counts, ...ungranted.map(([, count]) => countsOf(count, {}))].reduce(add, countsOf(0, {}));
}

/** Attempts by where they are now: counters say how many ever passed a state, so that each state is what has not gone on. */
function countsOf(granted: number, kinds: KindCounts): AttemptCounts {
  const { installing = 0, good = 0, failed = 0, reverted = 0, silent = 0, lost = 0, transient = 0 } = kinds;
  const { excused = 0, recovered = 0 } = kinds;
  const ended = countOf(kinds, ENDED_KINDS);
  const open = granted - ended;
  // Beginnings and ends are counted once each; what ended without a beginning leaves more that seem to be installing than are open.
  const nowInstalling = Math.min(
    open,
    Math.max(0, installing - good - reverted - silent - lost - failed - transient - excused),
  );
  return {
    granted: open - nowInstalling,
    installing: nowInstalling,
    good,
    failed,
    reverted,
    silent,
    lost,
    void: kinds.void ?? 0,
    transient,
    excused,
    recovered,
  };
}

const COUNTS = AttemptCounts.keyof().options;

function add(a: AttemptCounts, b: AttemptCounts): AttemptCounts {
  const sum = { ...a };
  for (const kind of COUNTS) sum[kind] = a[kind] + b[kind];
  return sum;
}
