import { AUTOMATIC } from '#shared/contracts/actor.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import { isAllowed } from '../domain/lifecycle/change-rollout.ts';
import type { ActiveListStore } from '../stores/active-list-store.ts';
import { type ControlNeeds, controlRollout, lifeOf } from './control-rollout.ts';

/**
 * Pauses every rollout of everybody that runs, by its gate alone: what was counted must not stand in the way. One that cannot be paused
 * keeps no other from it; throws `AggregateError` then, and is to be called again.
 */
export async function pauseAll(
  reason: string,
  { rollouts, ...needs }: ControlNeeds & { readonly rollouts: ActiveListStore },
): Promise<void> {
  const failures: unknown[] = [];
  for (const { rollout } of await rollouts.active()) {
    try {
      await tryAgain(needs, async () => {
        const control = await needs.reader.readControl(rollout);
        if (control === undefined || !isAllowed(lifeOf(control), 'pause')) return;
        await controlRollout(control, { command: { kind: 'pause', reason }, actor: AUTOMATIC }, needs);
      });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not every rollout is paused');
}
