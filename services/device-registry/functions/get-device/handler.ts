import { storeOver } from '#shared/capabilities/needs.ts';
import { GetDevice } from '#shared/contracts/api/devices.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { PresenceStore } from '../../stores/presence-store.ts';
import { getDevice } from './get-device.ts';

/** Somebody asks for a device -> its facts and its presence. */
export const handler = onHttp(
  GetDevice,
  {
    devices: storeOver('REGISTRY_TABLE', (table) => new DeviceStore(table)),
    presences: storeOver('PRESENCE_TABLE', (table) => new PresenceStore(table)),
  },
  getDevice,
);
