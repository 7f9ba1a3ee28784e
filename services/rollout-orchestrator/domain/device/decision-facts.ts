import type { DeviceFacts } from '../decision/device.ts';
import type { DeviceRecord } from './device.ts';

/** What decisions look at of a device; `undefined` as long as the registry has not told of it. */
export function decisionFacts(device: DeviceRecord): DeviceFacts | undefined {
  const { facts, running } = device;
  if (facts === undefined) return undefined;
  return {
    tenant: device.tenant,
    deviceId: device.deviceId,
    product: facts.product,
    hardware: facts.hardware,
    tags: facts.tags,
    attributes: facts.attributes,
    decommissioned: facts.decommissioned,
    quarantined: device.quarantined,
    floor: device.floor,
    tried: device.tried,
    ...(device.excused && { excused: device.excused }),
    ...(running && { running }),
    ...(device.open && { open: device.open }),
  };
}
