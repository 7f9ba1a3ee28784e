import { clock, storeOver } from '#shared/capabilities/needs.ts';
import { ExplainDevice } from '#shared/contracts/api/rollout-devices.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ActiveRollouts } from '../../steps/active-rollouts.ts';
import { ReleasedVersions } from '../../steps/released-versions.ts';
import { AttemptStore } from '../../stores/attempt-store.ts';
import { CohortStore } from '../../stores/cohort-store.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { GateStore } from '../../stores/gate-store.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { RolloutStore } from '../../stores/rollout-store.ts';
import { explainDevice } from './explain-device.ts';

/** Why a device gets, or does not get, an update. */
export const handler = onHttp(
  ExplainDevice,
  {
    devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)),
    attempts: storeOver('ROLLOUTS_TABLE', (table) => new AttemptStore(table)),
    active: storeOver('ROLLOUTS_TABLE', (table) => new ActiveRollouts(table)),
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new RolloutStore(table)),
    released: storeOver('ROLLOUTS_TABLE', (table) => new ReleasedVersions(table)),
    gates: storeOver('ROLLOUTS_TABLE', (table) => new GateStore(table)),
    cohorts: storeOver('ROLLOUTS_TABLE', (table) => new CohortStore(table)),
    releases: storeOver('ROLLOUTS_TABLE', (table) => new ReleaseStore(table)),
    clock,
  },
  explainDevice,
);
