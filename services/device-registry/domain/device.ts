import type { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { thingOf } from '#shared/contracts/names.ts';

/** Attributes by name, as the device's last inventory said them. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** What the registry knows of one device. What it runs is the orchestrator's to know, whether it is there the presence's. */
export interface Device {
  readonly tenant: string;
  readonly deviceId: string;
  readonly product: string;
  readonly hardware: string;
  /** Sorted, without repeats. */
  readonly tags: readonly string[];
  readonly attributes: Attributes;
  /** Rises by one with every change, over decommissioning and registering again too; 1 at the first registration. */
  readonly entityVersion: number;
  /** Lower-case hex sha256 of the DER of the only certificate that it may connect with. */
  readonly certificateId: string;
  /** Milliseconds since 1970. */
  readonly registeredAtMs: number;
  readonly decommissioned: boolean;
  /** When the broker took the inventory that `attributes` are from, or a later one that said the same; absent before the first. */
  readonly inventoryAtMs?: number;
}

/** The device's thing name, which is also its MQTT client id. */
export const thingOfDevice = ({ tenant, deviceId }: Pick<Device, 'tenant' | 'deviceId'>): string =>
  thingOf(tenant, deviceId);

/** `device` with something changed: one version on. */
export function changed(device: Device, facts: Partial<Device>): Device {
  return { ...device, ...facts, entityVersion: device.entityVersion + 1 };
}

/** What the bus is told after a change: the facts, whole. `id` is the outbox id, `atMs` the time of the change. */
export function deviceChanged(device: Device, id: string, atMs: number): DeviceChanged {
  const { tenant, deviceId, entityVersion, product, hardware, tags, attributes, decommissioned } = device;
  const { registeredAtMs } = device;
  return {
    id,
    v: 1,
    tenant,
    atMs,
    deviceId,
    entityVersion,
    product,
    hardware,
    tags: [...tags],
    attributes,
    decommissioned,
    registeredAtMs,
  };
}
