import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import { onEvent } from '#shared/lambda/on-event.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { ActiveListStore } from '../../stores/active-list-store.ts';
import { ControlStore } from '../../stores/control-store.ts';
import { HearingStore } from '../../stores/hearing-store.ts';
import { onHearingInterrupted } from './on-hearing-interrupted.ts';

/** Devices could not be heard for a while -> silence clocks start again from its end; in a restored backup, rollouts are paused. */
export const handler = onEvent(
  HearingInterrupted,
  {
    hearing: storeOver('ROLLOUTS_TABLE', (table) => new HearingStore(table)),
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new ActiveListStore(table)),
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    control: storeOver('ROLLOUTS_TABLE', (table) => new ControlStore(table)),
    clock,
    ids,
  },
  onHearingInterrupted,
);
