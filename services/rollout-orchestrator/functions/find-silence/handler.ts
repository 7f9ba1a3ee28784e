import { backlog, clock, ids, queue, storeOver } from '#shared/capabilities/needs.ts';
import { onQueue } from '#shared/lambda/on-queue.ts';
import { RolloutDue } from '../../steps/wake.ts';
import { AttemptStore } from '../../stores/attempt-store.ts';
import { DeadlineStore } from '../../stores/deadline-store.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { HearingStore } from '../../stores/hearing-store.ts';
import { RolloutStore } from '../../stores/rollout-store.ts';
import { findSilence } from './find-silence.ts';

/** A deadline passes -> attempts end as silent, lost or void, if their devices could have been heard. */
export const handler = onQueue(
  RolloutDue,
  {
    attempts: storeOver('ROLLOUTS_TABLE', (table) => new AttemptStore(table)),
    deadlines: storeOver('ROLLOUTS_TABLE', (table) => new DeadlineStore(table)),
    devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)),
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new RolloutStore(table)),
    hearing: storeOver('ROLLOUTS_TABLE', (table) => new HearingStore(table)),
    reports: backlog('REPORTS_QUEUE'),
    advance: queue('ADVANCE_QUEUE'),
    silence: queue('SILENCE_QUEUE'),
    clock,
    ids,
  },
  findSilence,
);
