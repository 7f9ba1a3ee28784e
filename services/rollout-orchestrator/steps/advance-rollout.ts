import type { Queue } from '#shared/capabilities/queue.ts';
import type { Call } from '#shared/lambda/call.ts';
import { hasTimeIn, tryAgain } from '#shared/retry/try-again.ts';
import { type AdvancePlan, openStage, type Progress, planAdvance } from '../domain/advance/plan-advance.ts';
import { isUnreadable } from '../domain/halting/unreadable-evidence.ts';
import { isAllowed } from '../domain/lifecycle/change-rollout.ts';
import type { RolloutCommand } from '../domain/lifecycle/commands.ts';
import { AUTOMATIC } from '../domain/lifecycle/record-change.ts';
import { UnreadableRowError } from '../domain/row/attributes.ts';
import type { EpochMark } from '../domain/widening/epochs.ts';
import type { CounterStore } from '../stores/counter-store.ts';
import type { Gate, GateStore } from '../stores/gate-store.ts';
import type { RolloutStore } from '../stores/rollout-store.ts';
import { type ControlNeeds, controlRollout, lifeOf } from './control-rollout.ts';
import { type CountNeeds, countAgain } from './count-again.ts';
import type { RolloutControl, WholeRollout } from './rollout-evidence.ts';
import { haltText } from './rollout-view.ts';
import { askForCount, wake } from './wake.ts';

/** Everything that advancing needs. */
export interface AdvanceNeeds extends ControlNeeds, CountNeeds {
  readonly counters: CounterStore;
  readonly gates: GateStore;
  readonly rollouts: RolloutStore;
  readonly advance: Queue;
}

/**
 * Looks at one rollout and does what its evidence asks for: halt before anything else, then widen, open the next stage,
 * complete. Whatever cannot be read or contradicts itself pauses it. Each step is one conditional write, so that two who look
 * at once do nothing twice. `false` when somebody else changed the rollout meanwhile: look again. Throws `ConflictError` for
 * the same in the middle of a step.
 */
export async function advanceRollout(rollout: string, needs: AdvanceNeeds, call: Call): Promise<boolean> {
  const whole = await readOrPause(rollout, needs, call);
  if (whole === undefined) return true;
  const nowMs = needs.clock.now();
  const plan = await planOrPause(whole, nowMs, needs, call);
  if (plan === undefined) return true;
  const { assessment, gate: verdict } = plan;
  if (assessment.verdict === 'halt' && isAllowed(lifeOf(whole), 'halt')) {
    const reason = haltText(assessment.because, whole.cohorts);
    await automatically(whole, { kind: 'halt', reason }, needs);
    call.log.warn('rollout halted', { rollout, reason });
    call.count('RolloutHalted');
    return true;
  }
  if (whole.gate.state !== 'running') return retireIfOver(whole, plan, needs);
  if (!verdict.opens && verdict.waitsFor === 'unreadable')
    return pause(whole, verdict.explanation, needs, call);
  const isWidened = await widen(whole, plan, needs, call);
  if (!isWidened) return false;
  if (verdict.opens) return openNextStage(whole, plan, nowMs, needs);
  if (plan.completion.completes) {
    await automatically(
      whole,
      { kind: 'complete', reason: 'every member that asked has been served' },
      needs,
    );
    return true;
  }
  return keep(whole, plan, nowMs, needs, call);
}

async function readOrPause(
  rollout: string,
  needs: AdvanceNeeds,
  call: Call,
): Promise<WholeRollout | undefined> {
  try {
    return await needs.reader.read(rollout);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const control = await needs.reader.readControl(rollout);
    const what = error instanceof UnreadableRowError ? 'what is kept of it' : 'its counters';
    if (control !== undefined) await pause(control, `${what} cannot be read: ${error.message}`, needs, call);
    return undefined;
  }
}

async function planOrPause(
  whole: WholeRollout,
  nowMs: number,
  needs: AdvanceNeeds,
  call: Call,
): Promise<AdvancePlan | undefined> {
  try {
    return planAdvance(whole.evidence, nowMs);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    await pause(whole, `its evidence cannot be evaluated: ${error.message}`, needs, call);
    return undefined;
  }
}

async function pause(
  control: RolloutControl,
  reason: string,
  needs: AdvanceNeeds,
  call: Call,
): Promise<boolean> {
  if (!isAllowed(lifeOf(control), 'pause')) return true;
  call.log.error('rollout paused', { rollout: control.record.rollout, reason });
  call.count('RolloutPausedUnreadable');
  await automatically(control, { kind: 'pause', reason }, needs);
  return true;
}

function automatically(
  control: RolloutControl,
  command: RolloutCommand,
  needs: AdvanceNeeds,
  progress?: Progress,
): Promise<void> {
  return controlRollout(control, command, AUTOMATIC, needs, progress);
}

/** Moves the ceilings of the gate, then folds old counters; `false` when somebody else has moved them since. */
async function widen(
  { record, gate, evidence }: WholeRollout,
  plan: AdvancePlan,
  needs: AdvanceNeeds,
  call: Call,
): Promise<boolean> {
  const { rollout } = record;
  const { window } = plan;
  const cohorts = new Map([...window.cohorts].map(([cohort, { ceiling }]) => [cohort, ceiling]));
  const pooled = window.pooled.ceiling;
  if (isChanged(gate, pooled, cohorts)) {
    const { outcome } = await tryAgain(
      needs,
      () => needs.gates.setCeilings(rollout, gate, { pooled, cohorts }),
      hasTimeIn(call),
    );
    if (outcome === 'refused') return false;
  }
  const old = window.epochs.fold.filter((epoch) => evidence.counters.epochs.has(epoch));
  if (old.length > 0)
    await tryAgain(needs, () => needs.counters.fold(rollout, new Set(old)), hasTimeIn(call));
  return true;
}

function isChanged(gate: Gate, pooled: number, cohorts: ReadonlyMap<number, number>): boolean {
  return (
    gate.ceiling !== pooled ||
    [...cohorts].some(([cohort, ceiling]) => gate.cohorts.get(cohort)?.ceiling !== ceiling)
  );
}

async function openNextStage(
  whole: WholeRollout,
  plan: AdvancePlan,
  nowMs: number,
  needs: AdvanceNeeds,
): Promise<boolean> {
  const { document, rollout } = whole.record;
  const next = plan.progress.stage + 1;
  const progress = openStage(document, plan.progress, plan.tally, next, nowMs);
  await automatically(
    whole,
    { kind: 'open-stage', reason: plan.gate.explanation, overLine: false },
    needs,
    progress,
  );
  await askForCount(needs.members, rollout, next);
  // The ceilings of the stage that is open now are for the next look.
  await wake(needs.advance, [{ rollout, atMs: nowMs }], nowMs);
  return true;
}

/** Keeps what the next look needs to know, and asks for it when time alone will change something. */
async function keep(
  whole: WholeRollout,
  plan: AdvancePlan,
  nowMs: number,
  needs: AdvanceNeeds,
  call: Call,
): Promise<boolean> {
  const { record, evidence, progressRevision } = whole;
  const { rollout } = record;
  const marked = plan.window.epochs.bump ? await bumpEpoch(whole, plan, nowMs, needs, call) : plan.progress;
  const wakeAtMs = wakeOf(plan, evidence.progress.wakeAtMs, nowMs);
  const progress = wakeAtMs === undefined ? marked : { ...marked, wakeAtMs };
  if (
    !isSame(progress, evidence.progress) &&
    !(await needs.progress.save(rollout, progress, progressRevision))
  )
    return false;
  await countAgain(whole, nowMs, needs);
  const isNew = wakeAtMs !== undefined && wakeAtMs !== evidence.progress.wakeAtMs;
  if (isNew) await wake(needs.advance, [{ rollout, atMs: wakeAtMs }], nowMs);
  return true;
}

/** The next look that is to be asked for; an earlier one that was asked for already stands. */
function wakeOf({ wakeAtMs }: AdvancePlan, askedMs: number | undefined, nowMs: number): number | undefined {
  if (askedMs === undefined || askedMs <= nowMs) return wakeAtMs;
  return wakeAtMs === undefined || askedMs <= wakeAtMs ? askedMs : wakeAtMs;
}

/** Begins the next epoch and marks it with the gate as it was at that instant. */
async function bumpEpoch(
  { record: { rollout }, gate }: WholeRollout,
  plan: AdvancePlan,
  nowMs: number,
  needs: AdvanceNeeds,
  call: Call,
): Promise<Progress> {
  const next = await tryAgain(needs, () => needs.gates.nextEpoch(rollout, gate.epoch), hasTimeIn(call));
  if (next === undefined) return plan.progress;
  const granted = new Map([...next.cohorts].map(([cohort, { granted: count }]) => [cohort, count]));
  const mark: EpochMark = { epoch: next.epoch, startedMs: nowMs, granted };
  return { ...plan.progress, marks: [...plan.progress.marks, mark] };
}

/** A rollout that is over, with every attempt ended, need not be looked at any more. */
async function retireIfOver(
  { record, gate }: WholeRollout,
  { tally }: AdvancePlan,
  needs: AdvanceNeeds,
): Promise<boolean> {
  const isOver = gate.state === 'completed' || gate.state === 'aborted';
  if (isOver && tally.unresolved === 0) await needs.rollouts.retire(record);
  return true;
}

const isSame = (one: Progress, other: Progress): boolean => textOf(one) === textOf(other);

function textOf(progress: Progress): string {
  const marks = progress.marks.map(({ granted, ...mark }) => ({ ...mark, granted: [...granted] }));
  const sorted = Object.entries({ ...progress, marks }).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted);
}
