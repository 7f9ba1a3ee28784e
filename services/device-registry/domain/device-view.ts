import type { DeviceView } from '#shared/contracts/api/devices.ts';
import { type Device, thingOfDevice } from './device.ts';
import { type Presence, viewOf } from './presence.ts';

/** A device as the API shows it; without a presence where that is not asked for or not known. */
export function toView(device: Device, presence?: Presence): DeviceView {
  const { deviceId, product, hardware, tags, attributes } = device;
  const { entityVersion, certificateId, registeredAtMs, decommissioned } = device;
  const seen = presence && viewOf(presence);
  return {
    deviceId,
    thing: thingOfDevice(device),
    product,
    hardware,
    tags: [...tags],
    attributes,
    entityVersion,
    certificateId,
    registeredAtMs,
    decommissioned,
    ...(seen && { presence: seen }),
  };
}
