import { clock, identity, ids, storeOver } from '#shared/capabilities/needs.ts';
import { DecommissionDevice } from '#shared/contracts/api/devices.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { decommissionDevice } from './decommission-device.ts';

/** A manufacturer takes a device out of service -> its certificate is revoked, and the bus has its tombstone. */
export const handler = onHttp(
  DecommissionDevice,
  { devices: storeOver('REGISTRY_TABLE', (table) => new DeviceStore(table)), identity, clock, ids },
  decommissionDevice,
);
