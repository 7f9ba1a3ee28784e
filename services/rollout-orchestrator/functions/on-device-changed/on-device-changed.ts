import type { Clock } from '#shared/capabilities/clock.ts';
import type { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import type { FleetChangeStore } from '../../stores/fleet-change-store.ts';

interface Needs {
  readonly devices: DeviceStore;
  readonly fleetChanges: FleetChangeStore;
  readonly clock: Clock;
}

/**
 * Applies the facts if they are newer than what is known; a decommissioned device stays as a tombstone. Rollouts of its product
 * may have more or fewer members by it.
 */
export async function onDeviceChanged(event: DeviceChanged, needs: Needs): Promise<void> {
  await needs.devices.applyFacts(event);
  await needs.fleetChanges.note(event.tenant, event.product, needs.clock.now());
}
