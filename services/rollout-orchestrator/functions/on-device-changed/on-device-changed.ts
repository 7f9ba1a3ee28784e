import type { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import type { DeviceStore } from '../../stores/device-store.ts';

/** Applies the facts if they are newer than what is known; a decommissioned device stays as a tombstone. */
export async function onDeviceChanged(
  event: DeviceChanged,
  { devices }: { readonly devices: DeviceStore },
): Promise<void> {
  await devices.applyFacts(event);
}
