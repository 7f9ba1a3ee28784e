import { AUTOMATIC } from '#shared/contracts/actor.ts';
import type { Call } from '#shared/lambda/call.ts';
import { type AdvancePlan, planAdvance } from '../domain/advance/plan-advance.ts';
import { openNextStage } from '../domain/advance/progress.ts';
import { isUnreadable } from '../domain/halting/unreadable-evidence.ts';
import { isAllowed } from '../domain/lifecycle/change-rollout.ts';
import { isOver } from '../domain/lifecycle/commands.ts';
import { UnreadableRowError } from '../domain/row/attributes.ts';
import type { ActiveListStore } from '../stores/active-list-store.ts';
import type { DeadlineStore } from '../stores/deadline-store.ts';
import { type ControlNeeds, controlRollout, lifeOf, type Order } from './control-rollout.ts';
import { type KeepingNeeds, keepProgress } from './keep-progress.ts';
import type { Look, LookEnd } from './look.ts';
import type { RolloutControl, WholeRollout } from './rollout-evidence.ts';
import { haltText } from './rollout-view.ts';
import { wakeNow } from './wake.ts';
import { type WideningNeeds, widenWindow } from './widen-window.ts';

/** Everything that advancing needs. */
export interface AdvanceNeeds extends ControlNeeds, WideningNeeds, KeepingNeeds {
  readonly rollouts: ActiveListStore;
  readonly deadlines: DeadlineStore;
}

/**
 * Looks at one rollout and does what its evidence asks for: halt before anything else, then widen, open the next stage,
 * complete. Whatever cannot be read or contradicts itself pauses it. Each step is one conditional write, so that two who look
 * at once do nothing twice. Throws `ConflictError` where somebody else changed the rollout in the middle of a step.
 */
export async function advanceRollout(rollout: string, needs: AdvanceNeeds, call: Call): Promise<LookEnd> {
  const look = await lookOrPause(rollout, needs, call);
  if (look === undefined) return 'done';
  const { whole, plan } = look;
  const { assessment, gate: verdict, completion } = plan;
  if (assessment.verdict === 'halt' && isAllowed(lifeOf(whole), 'halt')) {
    const reason = haltText(assessment.because, whole.cohorts);
    await automatically(whole, { command: { kind: 'halt', reason } }, needs);
    call.log.warn('rollout halted', { rollout, reason });
    call.count('RolloutHalted');
    return 'done';
  }
  if (whole.gate.state !== 'running') {
    await retireIfOver(whole, plan, needs);
    return 'done';
  }
  if (!verdict.opens && verdict.waitsFor === 'unreadable') {
    await pause(whole, verdict.explanation, needs, call);
    return 'done';
  }
  if ((await widenWindow(look, needs, call)) === 'overtaken') return 'overtaken';
  if (verdict.opens) {
    await goOn(look, needs);
    return 'done';
  }
  if (completion.completes) {
    const { explanation: reason } = completion;
    await automatically(whole, { command: { kind: 'complete', reason, overLine: false } }, needs);
    return 'done';
  }
  return keepProgress(look, needs, call);
}

/** Reads and plans; `undefined` where either is impossible, so that the rollout is paused, or there is no such rollout. */
async function lookOrPause(rollout: string, needs: AdvanceNeeds, call: Call): Promise<Look | undefined> {
  const whole = await readOrPause(rollout, needs, call);
  if (whole === undefined) return undefined;
  const nowMs = needs.clock.now();
  try {
    return { whole, plan: planAdvance(whole.evidence, nowMs), nowMs };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    await pause(whole, `its evidence cannot be evaluated: ${error.message}`, needs, call);
    return undefined;
  }
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

async function pause(
  control: RolloutControl,
  reason: string,
  needs: AdvanceNeeds,
  call: Call,
): Promise<void> {
  if (!isAllowed(lifeOf(control), 'pause')) return;
  call.log.error('rollout paused', { rollout: control.record.rollout, reason });
  call.count('RolloutPausedUnreadable');
  await automatically(control, { command: { kind: 'pause', reason } }, needs);
}

function automatically(
  control: RolloutControl,
  order: Omit<Order, 'actor'>,
  needs: AdvanceNeeds,
): Promise<void> {
  return controlRollout(control, { ...order, actor: AUTOMATIC }, needs);
}

async function goOn({ whole, plan, nowMs }: Look, needs: AdvanceNeeds): Promise<void> {
  const { document, rollout } = whole.record;
  const next = openNextStage(document, plan, nowMs);
  const command = { kind: 'open-stage', reason: plan.gate.explanation, overLine: false } as const;
  const progress = { next, revision: whole.progressRevision };
  await automatically(whole, { command, progress }, needs);
  // The ceilings of the stage that is open now, and a count for it, are for the next look.
  await wakeNow(needs.advance, [rollout]);
}

/**
 * A rollout that is over, with every attempt ended, need not be looked at any more. What was excused while it was open counts as ended, and
 * its silence is found for as long as somebody looks: the lists of deadlines tell whether there is any.
 */
async function retireIfOver(
  { record, gate }: WholeRollout,
  { tally }: AdvancePlan,
  { rollouts, deadlines }: AdvanceNeeds,
): Promise<void> {
  if (!isOver(gate) || tally.unresolved > 0) return;
  if (tally.excused > 0 && (await deadlines.areLeft(record.rollout))) return;
  await rollouts.retire(record);
}
