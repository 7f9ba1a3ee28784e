import type { Queue } from '#shared/capabilities/queue.ts';
import { operator } from '#shared/contracts/actor.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { ConflictError, WrongStateError } from '#shared/errors/errors.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import { withDeltas } from '../../domain/advance/with-deltas.ts';
import { evidenceOf } from '../../domain/counting/evidence.ts';
import { foldFacts } from '../../domain/counting/fold-facts.ts';
import { assessEvidence } from '../../domain/halting/assess-evidence.ts';
import { haltSettingsOf } from '../../domain/halting/scope-tests.ts';
import { changeRollout } from '../../domain/lifecycle/change-rollout.ts';
import type { Excuse, OverLine } from '../../domain/lifecycle/commands.ts';
import { type ControlNeeds, commandRollout, controlRollout, lifeOf } from '../../steps/control-rollout.ts';
import { type MovingNeeds, moveAttempts, tellFaults } from '../../steps/move-attempts.ts';
import type { Heard } from '../../steps/plan-moves.ts';
import { attemptContextOf } from '../../steps/rollout-contexts.ts';
import type { WholeRollout } from '../../steps/rollout-evidence.ts';
import { overLineOf } from '../../steps/rollout-view.ts';
import { wakeNow } from '../../steps/wake.ts';
import type { AttemptRecord } from '../../stores/attempt-store.ts';
import type { KeptExcuse } from '../../stores/control-store.ts';
import type { Gate } from '../../stores/gate-store.ts';
import { findExcused } from './find-excused.ts';

type Needs = ControlNeeds & MovingNeeds & { readonly advance: Queue };
type Request = HttpRequest<{ rollout: string }, unknown, { reason: string; excuse?: Excuse | undefined }>;

/**
 * Resumes a rollout. After a halt the excused devices are taken out of the evidence, which is then judged anew from the rows:
 * still over the line means refused, and nothing is excused. So is a resume of a halt that came after the one which was read first: who
 * asked has not seen it, and reasons would excuse what has failed since.
 */
export function resumeRollout(
  { caller, params, body }: Request,
  needs: Needs,
  call: Call,
): Promise<RolloutView> {
  const { reason, excuse } = body;
  const actor = operator(caller.name);
  let isWrittenDown = false;
  let firstRead: Pick<Gate, 'state' | 'resumedMs'> | undefined;
  return commandRollout(caller.tenant, params.rollout, needs, async (whole) => {
    const { rollout } = whole.record;
    firstRead ??= whole.gate;
    refuseAnotherHalt(firstRead, whole.gate);
    const excused = excuse === undefined ? [] : await findExcused(whole.record, excuse, needs);
    const overLine = overLineWithout(whole, excused);
    const command = { kind: 'resume', reason, overLine, ...(excuse && { excuse }) } as const;
    // Nothing leaves the evidence by a resume that is out of place: what is refused must not keep the rollout from halting.
    changeRollout(lifeOf(whole), command, whole.record.document.stages.length);
    if (excuse !== undefined) {
      if (!isWrittenDown) await writeDown(whole, { excuse, reason, actor }, needs);
      isWrittenDown = true;
      await takeOut(whole, excused, needs, call);
    }
    await controlRollout(whole, { command, actor }, needs);
    await wakeNow(needs.advance, [rollout]);
  });
}

function refuseAnotherHalt(before: Pick<Gate, 'state' | 'resumedMs'>, now: Gate): void {
  const isAnother = before.state === 'halted' && now.state === 'halted' && before.resumedMs !== now.resumedMs;
  if (!isAnother) return;
  const reason = now.reason === undefined ? '' : ` (${now.reason})`;
  const rule = `was resumed and has halted again${reason} while this was decided: look at it again`;
  throw new WrongStateError('rollout', rule);
}

function overLineWithout(
  { record, evidence, cohorts }: WholeRollout,
  excused: readonly AttemptRecord[],
): OverLine {
  const context = attemptContextOf(record);
  const deltas = excused.flatMap(({ attempt }) =>
    attempt ? [foldFacts(attempt, [{ fact: 'excused', attempt: attempt.id, atMs: 0 }], context).deltas] : [],
  );
  const { gate, counters, unpooled } = evidence;
  const counts = evidenceOf(gate.granted, withDeltas(counters, deltas), unpooled);
  return overLineOf(assessEvidence(counts, haltSettingsOf(record.document)), cohorts);
}

async function writeDown(
  whole: WholeRollout,
  { excuse, reason, actor }: Pick<KeptExcuse, 'excuse' | 'reason' | 'actor'>,
  needs: Needs,
): Promise<void> {
  const { record } = whole;
  const kept = {
    record,
    life: lifeOf(whole),
    resumedMs: whole.gate.resumedMs,
    excuse,
    reason,
    actor,
    atMs: needs.clock.now(),
    id: needs.ids.next(),
  };
  if (await tryAgain(needs, () => needs.control.excuse(kept))) return;
  throw new ConflictError(`rollout ${record.rollout} was changed by somebody else`);
}

async function takeOut(
  { record }: WholeRollout,
  excused: readonly AttemptRecord[],
  needs: Needs,
  call: Call,
): Promise<void> {
  const atMs = needs.clock.now();
  const heard = excused.map(
    ({ rollout, tenant, deviceId, attempt }): Heard => ({
      rollout,
      tenant,
      deviceId,
      facts: attempt === undefined ? [] : [{ fact: 'excused', attempt: attempt.id, atMs }],
    }),
  );
  const contextOf = () => Promise.resolve(attemptContextOf(record));
  const { left, unreadable, faults } = await moveAttempts(heard, contextOf, needs, call);
  tellFaults(faults, call);
  const others = left.length + unreadable.length;
  if (others > 0) throw new ConflictError(`${others} devices could not be excused just now`);
}
