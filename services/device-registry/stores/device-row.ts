import * as z from 'zod';
import type { Item, Key } from '#shared/capabilities/table.ts';
import { thingOf } from '#shared/contracts/names.ts';
import type { Device } from '../domain/device.ts';

/** A device as it lies in the table; fields that newer versions add are not ours to read, nor to take away: it is written whole. */
const DeviceRow = z.looseObject({
  tenant: z.string(),
  deviceId: z.string(),
  product: z.string(),
  hardware: z.string(),
  tags: z.array(z.string()),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  entityVersion: z.number(),
  certificateId: z.string(),
  registeredAtMs: z.number(),
  decommissioned: z.boolean(),
  inventoryAtMs: z.number().exactOptional(),
});

/** The partition of everything that is kept of one device: its row, audit entries and outbox entries. */
export const devicePartition = (tenant: string, deviceId: string): string => `D#${thingOf(tenant, deviceId)}`;

/** The key of a device's row. */
export const deviceKey = (tenant: string, deviceId: string): Key => ({
  pk: devicePartition(tenant, deviceId),
  sk: 'device',
});

/** The row of a device. Its attributes `tenant` and `deviceId` put it in the index `byTenant`; no other item has both. */
export const toRow = (device: Device): Item => ({ ...deviceKey(device.tenant, device.deviceId), ...device });

/** The device of a row; throws when the row is not one. */
export function fromRow({ pk: _pk, sk: _sk, ...row }: Item): Device {
  return DeviceRow.parse(row);
}
