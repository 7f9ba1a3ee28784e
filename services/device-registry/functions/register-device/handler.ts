import { clock, identity, ids, storeOver } from '#shared/capabilities/needs.ts';
import { RegisterDevice } from '#shared/contracts/api/devices.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { registerDevice } from './register-device.ts';

/** A manufacturer registers a device -> it has a certificate, and the bus knows of it. */
export const handler = onHttp(
  RegisterDevice,
  { devices: storeOver('REGISTRY_TABLE', (table) => new DeviceStore(table)), identity, clock, ids },
  registerDevice,
);
