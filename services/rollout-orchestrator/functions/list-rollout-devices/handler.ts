import { storeOver } from '#shared/capabilities/needs.ts';
import { ListRolloutDevices } from '#shared/contracts/api/rollout-devices.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { AttemptStore } from '../../stores/attempt-store.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { RolloutStore } from '../../stores/rollout-store.ts';
import { listRolloutDevices } from './list-rollout-devices.ts';

/** Which devices of a rollout ended how. */
export const handler = onHttp(
  ListRolloutDevices,
  {
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new RolloutStore(table)),
    devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)),
    attempts: storeOver('ROLLOUTS_TABLE', (table) => new AttemptStore(table)),
  },
  listRolloutDevices,
);
