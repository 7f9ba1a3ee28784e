import type { Queue } from '#shared/capabilities/queue.ts';
import { operator } from '#shared/contracts/actor.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { RefusedError, WrongStateError } from '#shared/errors/errors.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { planAdvance } from '../../domain/advance/plan-advance.ts';
import { openNextStage } from '../../domain/advance/progress.ts';
import type { Stage } from '../../domain/document/rollout-document.ts';
import { type ControlNeeds, commandRollout, controlRollout } from '../../steps/control-rollout.ts';
import { overLineOf } from '../../steps/rollout-view.ts';
import { wakeNow } from '../../steps/wake.ts';

interface Needs extends ControlNeeds {
  readonly advance: Queue;
}

type Request = HttpRequest<{ rollout: string }, unknown, { reason: string; stage?: string | undefined }>;

/**
 * Opens the next stage whatever its gate says, but never past a halting line; after the last one completes a rollout that is standing.
 * Which one that is does not change while the request is tried: one that has opened meanwhile, by itself or by the same request before,
 * is what was asked for. Throws `RefusedError` where the stage that is named is not the next.
 */
export function openStage({ caller, params, body }: Request, needs: Needs): Promise<RolloutView> {
  let meant: number | undefined;
  return commandRollout(caller.tenant, params.rollout, needs, async (whole) => {
    const { record, evidence } = whole;
    const nowMs = needs.clock.now();
    const plan = planAdvance(evidence, nowMs);
    const next = plan.progress.stage + 1;
    const overLine = overLineOf(plan.assessment, whole.cohorts);
    meant ??= body.stage === undefined ? next : stageNamed(record.document.stages, body.stage);
    if (meant < next) return;
    if (next >= record.document.stages.length) {
      if (!record.document.standing) throw new WrongStateError('rollout', 'its last stage is open already');
      const command = { kind: 'complete', reason: body.reason, overLine } as const;
      await controlRollout(whole, { command, actor: operator(caller.name) }, needs);
      return;
    }
    if (meant > next)
      throw new RefusedError('stage', `must be the next one, ${record.document.stages[next]?.name}`);
    const opened = openNextStage(record.document, plan, nowMs);
    const progress = { next: opened, revision: whole.progressRevision };
    const command = { kind: 'open-stage', reason: body.reason, overLine } as const;
    await controlRollout(whole, { command, actor: operator(caller.name), progress }, needs);
    await wakeNow(needs.advance, [record.rollout]);
  });
}

function stageNamed(stages: readonly Stage[], name: string): number {
  const index = stages.findIndex((stage) => stage.name === name);
  if (index < 0)
    throw new RefusedError(
      'stage',
      `must be a stage of the rollout: ${stages.map((one) => one.name).join(', ')}`,
    );
  return index;
}
