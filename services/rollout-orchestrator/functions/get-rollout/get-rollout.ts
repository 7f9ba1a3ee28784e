import type { Clock } from '#shared/capabilities/clock.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { showRollout } from '../../steps/control-rollout.ts';
import type { RolloutReader } from '../../steps/rollout-evidence.ts';

/** Reads a rollout and judges it as advance-rollouts would now. */
export async function getRollout(
  { caller, params }: HttpRequest<{ rollout: string }, unknown, undefined>,
  { reader, clock }: { readonly reader: RolloutReader; readonly clock: Clock },
): Promise<RolloutView> {
  return showRollout(caller.tenant, params.rollout, { reader, clock });
}
