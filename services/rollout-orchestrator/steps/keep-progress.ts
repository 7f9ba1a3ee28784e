import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { AUTOMATIC } from '#shared/contracts/actor.ts';
import type { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';
import type { Call } from '#shared/lambda/call.ts';
import { hasTimeIn, tryAgain } from '#shared/retry/try-again.ts';
import type { AdvancePlan } from '../domain/advance/plan-advance.ts';
import type { Progress } from '../domain/advance/progress.ts';
import { recordStall } from '../domain/lifecycle/record-change.ts';
import { markOf } from '../domain/widening/epochs.ts';
import type { GateStore } from '../stores/gate-store.ts';
import { lifeOf } from './control-rollout.ts';
import { type CountNeeds, countAgain } from './count-again.ts';
import type { Look, LookEnd } from './look.ts';
import { wake } from './wake.ts';

/** What keeping needs. */
export interface KeepingNeeds extends CountNeeds {
  readonly gates: GateStore;
  readonly advance: Queue;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Keeps what the next look needs to know, asks for it when time alone will change something, and tells once of a stall that begins. */
export async function keepProgress(
  look: Look,
  needs: KeepingNeeds,
  call: Pick<Call, 'remainingMs' | 'log' | 'count'>,
): Promise<LookEnd> {
  const { whole, plan, nowMs } = look;
  const { record, evidence, progressRevision } = whole;
  const { rollout } = record;
  const before = evidence.progress;
  const marked = plan.window.epochs.bump ? await withNextEpoch(look, needs, call) : plan.progress;
  const wakeAtMs = wakeOf(plan, before.wakeAtMs, nowMs);
  const progress = wakeAtMs === undefined ? marked : { ...marked, wakeAtMs };
  if (!isSame(progress, before)) {
    const { stalled } = before.stalled === undefined ? progress : {};
    const event = stalled === undefined ? undefined : stallEvent(look, stalled, needs.ids.next());
    const isSaved = await needs.progress.save(rollout, progress, progressRevision, event);
    if (!isSaved) return 'overtaken';
    if (stalled !== undefined) {
      call.log.warn('rollout stalled', { rollout, reason: stalled });
      call.count('RolloutStalled');
    }
  }
  await countAgain(look, needs);
  const isNew = wakeAtMs !== undefined && wakeAtMs !== before.wakeAtMs;
  if (isNew) await wake(needs.advance, [{ rollout, atMs: wakeAtMs }], nowMs);
  return 'done';
}

function stallEvent({ whole, nowMs }: Look, reason: string, id: string): RolloutChanged {
  const { rollout, tenant, document } = whole.record;
  const { release, stages } = document;
  const context = { id, atMs: nowMs, actor: AUTOMATIC, tenant, rollout, release, stages };
  return recordStall({ ...lifeOf(whole), reason }, context);
}

/** The next look that is to be asked for; an earlier one that was asked for already stands. */
function wakeOf({ wakeAtMs }: AdvancePlan, askedMs: number | undefined, nowMs: number): number | undefined {
  if (askedMs === undefined || askedMs <= nowMs) return wakeAtMs;
  return wakeAtMs === undefined || askedMs <= wakeAtMs ? askedMs : wakeAtMs;
}

/** Begins the next epoch and marks it with the gate as it was at that instant; nothing is marked where somebody else began it. */
async function withNextEpoch(
  { whole: { record, gate }, plan: { progress }, nowMs }: Look,
  needs: KeepingNeeds,
  call: Pick<Call, 'remainingMs'>,
): Promise<Progress> {
  const { rollout } = record;
  const next = await tryAgain(needs, () => needs.gates.nextEpoch(rollout, gate.epoch), hasTimeIn(call));
  if (next === undefined) return progress;
  const granted = new Map([...next.cohorts].map(([cohort, { granted: count }]) => [cohort, count]));
  const mark = markOf({ epoch: next.epoch, granted }, progress.marks, nowMs);
  return { ...progress, marks: [...progress.marks, mark] };
}

const isSame = (one: Progress, other: Progress): boolean => textOf(one) === textOf(other);

function textOf(progress: Progress): string {
  const marks = progress.marks.map(({ granted, ...mark }) => ({ ...mark, granted: [...granted] }));
  const sorted = Object.entries({ ...progress, marks }).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted);
}
