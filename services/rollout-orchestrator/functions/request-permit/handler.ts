import { clock, deviceLink, downloads, ids, queue, storeOver } from '#shared/capabilities/needs.ts';
import { onDeviceBatch } from '#shared/lambda/on-device-batch.ts';
import { ActiveRollouts } from '../../steps/active-rollouts.ts';
import { ReleasedVersions } from '../../steps/released-versions.ts';
import { AttemptStore } from '../../stores/attempt-store.ts';
import { CohortStore } from '../../stores/cohort-store.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { GateStore } from '../../stores/gate-store.ts';
import { PermitStore } from '../../stores/permit-store.ts';
import { ProgressStore } from '../../stores/progress-store.ts';
import { RolloutStore } from '../../stores/rollout-store.ts';
import { DeviceAsk } from './device-ask.ts';
import { requestPermit } from './request-permit.ts';

/** Devices ask leave to install -> granted inside window and ceiling, or told to wait, or that there is nothing any more. */
export const handler = onDeviceBatch(
  'permit',
  DeviceAsk,
  {
    active: storeOver('ROLLOUTS_TABLE', (table) => new ActiveRollouts(table)),
    released: storeOver('ROLLOUTS_TABLE', (table) => new ReleasedVersions(table)),
    attempts: storeOver('ROLLOUTS_TABLE', (table) => new AttemptStore(table)),
    cohorts: storeOver('ROLLOUTS_TABLE', (table) => new CohortStore(table)),
    devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)),
    gates: storeOver('ROLLOUTS_TABLE', (table) => new GateStore(table)),
    permits: storeOver('ROLLOUTS_TABLE', (table) => new PermitStore(table)),
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new RolloutStore(table)),
    progress: storeOver('ROLLOUTS_TABLE', (table) => new ProgressStore(table)),
    advance: queue('ADVANCE_QUEUE'),
    silence: queue('SILENCE_QUEUE'),
    firmware: downloads('FIRMWARE_BUCKET'),
    link: deviceLink,
    clock,
    ids,
  },
  requestPermit,
);
