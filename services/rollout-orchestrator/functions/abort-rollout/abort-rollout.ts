import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { operator } from '../../domain/lifecycle/record-change.ts';
import { type ControlNeeds, commandRollout, controlRollout } from '../../steps/control-rollout.ts';

type Request = HttpRequest<{ rollout: string }, unknown, { reason: string }>;

/** Aborts it: installs that began finish and are counted, nothing new begins. */
export function abortRollout({ caller, params, body }: Request, needs: ControlNeeds): Promise<RolloutView> {
  return commandRollout(caller.tenant, params.rollout, needs, (whole) =>
    controlRollout(whole, { kind: 'abort', reason: body.reason }, operator(caller.name), needs),
  );
}
