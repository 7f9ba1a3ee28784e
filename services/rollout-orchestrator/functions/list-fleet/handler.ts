import { storeOver } from '#shared/capabilities/needs.ts';
import { ListFleet } from '#shared/contracts/api/fleet.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { listFleet } from './list-fleet.ts';

/** Somebody asks what the fleet runs -> a page of the devices in service that a selector fits, and how many run what. */
export const handler = onHttp(
  ListFleet,
  { devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)) },
  listFleet,
);
