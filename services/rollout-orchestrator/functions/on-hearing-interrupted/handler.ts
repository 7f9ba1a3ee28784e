import { storeOver } from '#shared/capabilities/needs.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import { onEvent } from '#shared/lambda/on-event.ts';
import { HearingStore } from '../../stores/hearing-store.ts';
import { onHearingInterrupted } from './on-hearing-interrupted.ts';

/** Devices could not be heard for a while -> silence clocks start again from its end. */
export const handler = onEvent(
  HearingInterrupted,
  { hearing: storeOver('ROLLOUTS_TABLE', (table) => new HearingStore(table)) },
  onHearingInterrupted,
);
