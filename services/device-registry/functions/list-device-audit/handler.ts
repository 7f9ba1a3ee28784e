import { SealStore } from '#shared/audit/seal-store.ts';
import { storeOver } from '#shared/capabilities/needs.ts';
import { ListDeviceAudit } from '#shared/contracts/api/audit.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { listDeviceAudit } from './list-device-audit.ts';

/** Who decided what about a device, oldest first. */
export const handler = onHttp(
  ListDeviceAudit,
  {
    devices: storeOver('REGISTRY_TABLE', (table) => new DeviceStore(table)),
    seals: storeOver('REGISTRY_TABLE', (table) => new SealStore(table)),
  },
  listDeviceAudit,
);
