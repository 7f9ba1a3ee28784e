import { clock, deviceLink, ids, queue, storeOver } from '#shared/capabilities/needs.ts';
import { onDeviceBatch } from '#shared/lambda/on-device-batch.ts';
import { AttemptStore } from '../../stores/attempt-store.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { GateStore } from '../../stores/gate-store.ts';
import { HearingStore } from '../../stores/hearing-store.ts';
import { RolloutStore } from '../../stores/rollout-store.ts';
import { applyReports } from './apply-reports.ts';
import { DeviceFact } from './device-fact.ts';

/** Devices report, or are seen -> their attempts move on, counters follow, and they get their acknowledgement. */
export const handler = onDeviceBatch(
  'report',
  DeviceFact,
  {
    attempts: storeOver('ROLLOUTS_TABLE', (table) => new AttemptStore(table)),
    devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)),
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new RolloutStore(table)),
    gates: storeOver('ROLLOUTS_TABLE', (table) => new GateStore(table)),
    hearing: storeOver('ROLLOUTS_TABLE', (table) => new HearingStore(table)),
    advance: queue('ADVANCE_QUEUE'),
    silence: queue('SILENCE_QUEUE'),
    reportLog: queue('REPORT_LOG_QUEUE'),
    deadLetters: queue('DEAD_QUEUE'),
    link: deviceLink,
    clock,
    ids,
  },
  applyReports,
);
