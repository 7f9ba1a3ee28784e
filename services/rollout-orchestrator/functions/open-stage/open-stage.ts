import type { Queue } from '#shared/capabilities/queue.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { WrongStateError } from '#shared/errors/errors.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { openStage, planAdvance } from '../../domain/advance/plan-advance.ts';
import { operator } from '../../domain/lifecycle/record-change.ts';
import { type ControlNeeds, commandRollout, controlRollout } from '../../steps/control-rollout.ts';
import { askForCount, wake } from '../../steps/wake.ts';

interface Needs extends ControlNeeds {
  readonly members: Queue;
  readonly advance: Queue;
}

type Request = HttpRequest<{ rollout: string }, unknown, { reason: string }>;

/** Opens the next stage whatever its gate says, but never past a halting line. */
export function openStageByHand({ caller, params, body }: Request, needs: Needs): Promise<RolloutView> {
  return commandRollout(caller.tenant, params.rollout, needs, async (whole) => {
    const { record, evidence } = whole;
    const nowMs = needs.clock.now();
    const { assessment, tally, progress } = planAdvance(evidence, nowMs);
    const next = progress.stage + 1;
    if (next >= record.document.stages.length)
      throw new WrongStateError('rollout', 'its last stage is open already');
    const opened = openStage(record.document, progress, tally, next, nowMs);
    const command = {
      kind: 'open-stage',
      reason: body.reason,
      overLine: assessment.verdict === 'halt',
    } as const;
    await controlRollout(whole, command, operator(caller.name), needs, opened);
    await askForCount(needs.members, record.rollout, next);
    await wake(needs.advance, [{ rollout: record.rollout, atMs: nowMs }], nowMs);
  });
}
