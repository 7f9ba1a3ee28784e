import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { Inventory } from '#shared/contracts/device/report.ts';
import { onDeviceBatch } from '#shared/lambda/on-device-batch.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { recordInventory } from './record-inventory.ts';

/** Devices tell their attributes -> the registry has them, and the bus knows of those that changed. */
export const handler = onDeviceBatch(
  'inventory',
  Inventory,
  { devices: storeOver('REGISTRY_TABLE', (table) => new DeviceStore(table)), clock, ids },
  recordInventory,
);
