import type { Queue } from '#shared/capabilities/queue.ts';
import { countNeed } from '../domain/advance/count-again.ts';
import { awayUnlessAhead } from '../domain/clock/away.ts';
import { UnreadableRowError } from '../domain/row/attributes.ts';
import { stageAt } from '../domain/stages/stage-reach.ts';
import type { FleetChangeStore } from '../stores/fleet-change-store.ts';
import type { ProgressStore } from '../stores/progress-store.ts';
import { askForCount } from './count-due.ts';
import type { Look } from './look.ts';
import type { WholeRollout } from './rollout-evidence.ts';

/** What asking for a count needs. */
export interface CountNeeds {
  readonly progress: ProgressStore;
  readonly fleetChanges: FleetChangeStore;
  readonly members: Queue;
}

/** Asks for a count of the members where one is due, once. */
export async function countAgain({ whole, plan, nowMs }: Look, needs: CountNeeds): Promise<void> {
  const { fleet, away } = whole.evidence;
  const { progress } = plan;
  const { kind } = stageAt(whole.record.document, progress.stage);
  const need = countNeed({ ...progress, kind }, fleet, plan.completion, nowMs, awayUnlessAhead(away, nowMs));
  if (need === 'nothing') return;
  if (need === 'count-if-changed' && !(await haveChanged(whole, nowMs, needs))) return;
  const { rollout } = whole.record;
  await askForCount(needs.members, rollout, progress.stage);
  await needs.progress.countAsked(rollout, nowMs);
}

/**
 * Whether devices changed after the last count began: by the clock, or because more changes are noted than when it began, if that was by a
 * clock that has been put back since. Not before the changes that are noted ahead are over. Where that cannot be read
 * they may have: a count too many costs a little, one too few a ceiling that is none.
 */
async function haveChanged(
  { record, evidence }: WholeRollout,
  nowMs: number,
  { fleetChanges }: CountNeeds,
): Promise<boolean> {
  try {
    const { untilMs, notes } = await fleetChanges.changes(record.tenant, record.product, nowMs);
    const { countBeganMs = 0, changeNotes = 0 } = evidence.fleet;
    // A stage that has no count of its own yet does not wait for a moment without changes: a busy fleet has none.
    const isOfStage = evidence.fleet.stage === evidence.progress.stage;
    return (untilMs > countBeganMs || notes !== changeNotes) && (untilMs <= nowMs || !isOfStage);
  } catch (error) {
    if (!(error instanceof UnreadableRowError)) throw error;
    return true;
  }
}
