import { clock, queue, storeOver } from '#shared/capabilities/needs.ts';
import { onSchedule } from '#shared/lambda/on-schedule.ts';
import { ActiveListStore } from '../../stores/active-list-store.ts';
import { tickRollouts } from './tick-rollouts.ts';

/** A minute has passed -> every active rollout is looked at, for progress and for silence. */
export const handler = onSchedule(
  {
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new ActiveListStore(table)),
    advance: queue('ADVANCE_QUEUE'),
    silence: queue('SILENCE_QUEUE'),
    clock,
  },
  tickRollouts,
);
