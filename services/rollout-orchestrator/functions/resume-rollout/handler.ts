import { clock, ids, queue, storeOver } from '#shared/capabilities/needs.ts';
import { ResumeRollout } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { AttemptStore } from '../../stores/attempt-store.ts';
import { ControlStore } from '../../stores/control-store.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { resumeRollout } from './resume-rollout.ts';

/** An operator resumes a rollout -> permits are granted again, if the evidence allows it. */
export const handler = onHttp(
  ResumeRollout,
  {
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    control: storeOver('ROLLOUTS_TABLE', (table) => new ControlStore(table)),
    attempts: storeOver('ROLLOUTS_TABLE', (table) => new AttemptStore(table)),
    devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)),
    advance: queue('ADVANCE_QUEUE'),
    clock,
    ids,
  },
  resumeRollout,
);
