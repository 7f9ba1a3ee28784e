import { clock, ids, queue, storeOver } from '#shared/capabilities/needs.ts';
import { onQueue } from '#shared/lambda/on-queue.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { RolloutDue } from '../../steps/wake.ts';
import { ActiveListStore } from '../../stores/active-list-store.ts';
import { ControlStore } from '../../stores/control-store.ts';
import { CounterStore } from '../../stores/counter-store.ts';
import { DeadlineStore } from '../../stores/deadline-store.ts';
import { FleetChangeStore } from '../../stores/fleet-change-store.ts';
import { GateStore } from '../../stores/gate-store.ts';
import { ProgressStore } from '../../stores/progress-store.ts';
import { advanceRollouts } from './advance-rollouts.ts';

/** Evidence or the tick -> halt, widen the window, open the next stage, complete. */
export const handler = onQueue(
  RolloutDue,
  {
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    control: storeOver('ROLLOUTS_TABLE', (table) => new ControlStore(table)),
    counters: storeOver('ROLLOUTS_TABLE', (table) => new CounterStore(table)),
    gates: storeOver('ROLLOUTS_TABLE', (table) => new GateStore(table)),
    progress: storeOver('ROLLOUTS_TABLE', (table) => new ProgressStore(table)),
    fleetChanges: storeOver('ROLLOUTS_TABLE', (table) => new FleetChangeStore(table)),
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new ActiveListStore(table)),
    deadlines: storeOver('ROLLOUTS_TABLE', (table) => new DeadlineStore(table)),
    members: queue('MEMBERS_QUEUE'),
    advance: queue('ADVANCE_QUEUE'),
    clock,
    ids,
  },
  advanceRollouts,
);
