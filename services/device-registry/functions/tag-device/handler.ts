import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { TagDevice } from '#shared/contracts/api/devices.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { tagDevice } from './tag-device.ts';

/** An operator tags a device -> it has these tags and no others. */
export const handler = onHttp(
  TagDevice,
  { devices: storeOver('REGISTRY_TABLE', (table) => new DeviceStore(table)), clock, ids },
  tagDevice,
);
