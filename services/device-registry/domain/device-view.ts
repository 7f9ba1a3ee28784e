import type { DeviceView } from '#shared/contracts/api/devices.ts';
import { type Device, thingOfDevice } from './device.ts';
import { type Presence, viewOf } from './presence.ts';

/** A device as the API shows it; without a presence where that is not asked for or not known. */
export function toView(device: Device, presence?: Presence): DeviceView {
  const { tenant: _tenant, inventoryAtMs: _inventoryAtMs, tags, ...facts } = device;
  const seen = presence && viewOf(presence);
  return { ...facts, tags: [...tags], thing: thingOfDevice(device), ...(seen && { presence: seen }) };
}
