import { AUTOMATIC } from '#shared/contracts/actor.ts';
import type { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { endQuarantine, type ReleasingNeeds } from '../../steps/end-quarantine.ts';
import type { FleetChangeStore } from '../../stores/fleet-change-store.ts';

type Needs = ReleasingNeeds & { readonly fleetChanges: FleetChangeStore };

/**
 * Applies the facts if they are newer than what is known; a decommissioned device stays as a tombstone. Rollouts of its product
 * may have more or fewer members by it. One that was registered anew is another identity than the one that was in quarantine: the
 * certificate that two devices used was revoked before.
 */
export async function onDeviceChanged(event: DeviceChanged, needs: Needs): Promise<void> {
  const { tenant, deviceId, product, atMs, registeredAtMs } = event;
  const { isFirst } = await needs.devices.applyFacts(event);
  await needs.fleetChanges.note(tenant, product, needs.clock.now());
  if (isFirst || registeredAtMs !== atMs) return;
  await endQuarantine(
    { tenant, deviceId, actor: AUTOMATIC, reason: 'it was registered anew', beforeMs: registeredAtMs },
    needs,
  );
}
