import { clock, queue, storeOver } from '#shared/capabilities/needs.ts';
import { onQueue } from '#shared/lambda/on-queue.ts';
import { CountDue } from '../../steps/count-due.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { FleetChangeStore } from '../../stores/fleet-change-store.ts';
import { GateStore } from '../../stores/gate-store.ts';
import { PreviewStore } from '../../stores/preview-store.ts';
import { ProgressStore } from '../../stores/progress-store.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { RolloutStore } from '../../stores/rollout-store.ts';
import { countMembers } from './count-members.ts';

/** A draft is made, a rollout is launched, or its devices change -> how many it has is counted, page by page. */
export const handler = onQueue(
  CountDue,
  {
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new RolloutStore(table)),
    releases: storeOver('ROLLOUTS_TABLE', (table) => new ReleaseStore(table)),
    devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)),
    gates: storeOver('ROLLOUTS_TABLE', (table) => new GateStore(table)),
    previews: storeOver('ROLLOUTS_TABLE', (table) => new PreviewStore(table)),
    progress: storeOver('ROLLOUTS_TABLE', (table) => new ProgressStore(table)),
    fleetChanges: storeOver('ROLLOUTS_TABLE', (table) => new FleetChangeStore(table)),
    members: queue('MEMBERS_QUEUE'),
    advance: queue('ADVANCE_QUEUE'),
    clock,
  },
  countMembers,
);
