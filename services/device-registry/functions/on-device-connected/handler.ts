import { clock, storeOver } from '#shared/capabilities/needs.ts';
import { onQueue } from '#shared/lambda/on-queue.ts';
import { LifecycleEvent } from '../../domain/lifecycle-event.ts';
import { PresenceStore } from '../../stores/presence-store.ts';
import { onDeviceConnected } from './on-device-connected.ts';

/** A device connects -> it is shown as connected. */
export const handler = onQueue(
  LifecycleEvent,
  { presences: storeOver('PRESENCE_TABLE', (table) => new PresenceStore(table)), clock },
  onDeviceConnected,
  'rule',
);
