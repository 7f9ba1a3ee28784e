import { AUTOMATIC } from '#shared/contracts/actor.ts';
import type { ReleaseRevoked } from '#shared/contracts/events/release-events.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import { isAllowed } from '../../domain/lifecycle/change-rollout.ts';
import { type ControlNeeds, controlRollout, lifeOf } from '../../steps/control-rollout.ts';
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
      await abortOf(version, rollout, `release revoked: ${reason}`, needs);
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

/** Aborts that rollout, if it is one of that version: by its gate alone, because what was counted must not stand in the way. */
async function abortOf(version: string, rollout: string, reason: string, needs: Needs): Promise<void> {
  await tryAgain(needs, async () => {
    const control = await needs.reader.readControl(rollout);
    if (control?.record.version !== version || !isAllowed(lifeOf(control), 'abort')) return;
    await controlRollout(control, { command: { kind: 'abort', reason }, actor: AUTOMATIC }, needs);
  });
}
