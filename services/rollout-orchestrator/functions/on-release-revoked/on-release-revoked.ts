import type { ReleaseRevoked } from '#shared/contracts/events/release-events.ts';
import { abortRevoked } from '../../steps/abort-revoked.ts';
import type { ControlNeeds } from '../../steps/control-rollout.ts';
import type { ActiveListStore } from '../../stores/active-list-store.ts';
import type { ReleaseStore } from '../../stores/release-store.ts';

interface Needs extends ControlNeeds {
  readonly releases: ReleaseStore;
  readonly rollouts: ActiveListStore;
}

/**
 * Marks the release, then aborts its rollouts, and acknowledges only after both: from then on no permit can commit, because
 * every permit is conditional on a gate that runs. A rollout that cannot be aborted keeps no other from it; throws `AggregateError`
 * then, so that the event comes again.
 */
export async function onReleaseRevoked(event: ReleaseRevoked, needs: Needs): Promise<void> {
  const { tenant, product, version, sequence, reason } = event;
  await needs.releases.revoked(tenant, product, version);
  const failures: unknown[] = [];
  for (const { rollout } of await needs.rollouts.active({ tenant, product })) {
    try {
      await abortRevoked(rollout, version, `release revoked: ${reason}`, needs);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `not every rollout of ${product}/${version} is aborted`);
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
