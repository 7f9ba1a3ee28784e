import { operator } from '#shared/contracts/actor.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { type ControlNeeds, stopRollout } from '../../steps/control-rollout.ts';

type Request = HttpRequest<{ rollout: string }, unknown, { reason: string }>;

/** Pauses it, with the reason. */
export function pauseRollout({ caller, params, body }: Request, needs: ControlNeeds): Promise<RolloutView> {
  const command = { kind: 'pause', reason: body.reason } as const;
  return stopRollout(caller.tenant, params.rollout, { command, actor: operator(caller.name) }, needs);
}
