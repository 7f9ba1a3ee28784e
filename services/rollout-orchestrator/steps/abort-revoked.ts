import { AUTOMATIC } from '#shared/contracts/actor.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import { isAllowed } from '../domain/lifecycle/change-rollout.ts';
import { type ControlNeeds, controlRollout, lifeOf } from './control-rollout.ts';

/**
 * Aborts a rollout, if it is one of that version, because its release was revoked: by its gate alone, because what was counted must not
 * stand in the way.
 */
export async function abortRevoked(
  rollout: string,
  version: string,
  reason: string,
  needs: ControlNeeds,
): Promise<void> {
  await tryAgain(needs, async () => {
    const control = await needs.reader.readControl(rollout);
    if (control?.record.version !== version || !isAllowed(lifeOf(control), 'abort')) return;
    await controlRollout(control, { command: { kind: 'abort', reason }, actor: AUTOMATIC }, needs);
  });
}
