import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { onEvent } from '#shared/lambda/on-event.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { FleetChangeStore } from '../../stores/fleet-change-store.ts';
import { QuarantineStore } from '../../stores/quarantine-store.ts';
import { onDeviceChanged } from './on-device-changed.ts';

/** The registry changed a device -> the projection of its facts follows. */
export const handler = onEvent(
  DeviceChanged,
  {
    devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)),
    fleetChanges: storeOver('ROLLOUTS_TABLE', (table) => new FleetChangeStore(table)),
    quarantine: storeOver('ROLLOUTS_TABLE', (table) => new QuarantineStore(table)),
    clock,
    ids,
  },
  onDeviceChanged,
);
