import type { ReleaseRevoked } from '#shared/contracts/events/release-events.ts';
import { isAllowed } from '../../domain/lifecycle/change-rollout.ts';
import { AUTOMATIC } from '../../domain/lifecycle/record-change.ts';
import { type ControlNeeds, controlRollout, lifeOf } from '../../steps/control-rollout.ts';
import type { ReleaseStore } from '../../stores/release-store.ts';
import type { RolloutStore } from '../../stores/rollout-store.ts';

interface Needs extends ControlNeeds {
  readonly releases: ReleaseStore;
  readonly rollouts: RolloutStore;
}

/**
 * Marks the release, then aborts its rollouts, and acknowledges only after both: from then on no permit can commit, because
 * every permit is conditional on a gate that runs.
 */
export async function onReleaseRevoked(event: ReleaseRevoked, needs: Needs): Promise<void> {
  const { tenant, product, version, sequence, reason } = event;
  await needs.releases.revoked(tenant, product, version);
  for (const { rollout } of await needs.rollouts.active({ tenant, product })) {
    const whole = await needs.reader.read(rollout);
    if (whole?.record.version !== version || !isAllowed(lifeOf(whole), 'abort')) continue;
    await controlRollout(whole, { kind: 'abort', reason: `release revoked: ${reason}` }, AUTOMATIC, needs);
  }
  // The event's id makes the acknowledgement the same one however often the event comes.
  await needs.releases.acknowledgeRevoked({
    id: event.id,
    v: 1,
    tenant,
    atMs: needs.clock.now(),
    product,
    version,
    sequence,
  });
}
