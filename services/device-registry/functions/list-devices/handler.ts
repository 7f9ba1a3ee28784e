import { clock, storeOver } from '#shared/capabilities/needs.ts';
import { ListDevices } from '#shared/contracts/api/devices.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { PresenceStore } from '../../stores/presence-store.ts';
import { listDevices } from './list-devices.ts';

/** Somebody lists devices -> a page of the tenant's devices in order of id, all or those that are chosen. */
export const handler = onHttp(
  ListDevices,
  {
    devices: storeOver('REGISTRY_TABLE', (table) => new DeviceStore(table), 'byTenant'),
    presences: storeOver('PRESENCE_TABLE', (table) => new PresenceStore(table)),
    clock,
  },
  listDevices,
);
