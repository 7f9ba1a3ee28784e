import { clock, storeOver } from '#shared/capabilities/needs.ts';
import { onQueue } from '#shared/lambda/on-queue.ts';
import { LifecycleEvent } from '../../domain/lifecycle-event.ts';
import { PresenceStore } from '../../stores/presence-store.ts';
import { onDeviceDisconnected } from './on-device-disconnected.ts';

/** A device's session ends, and some seconds pass -> it is shown as disconnected, unless it is back already. */
export const handler = onQueue(
  LifecycleEvent,
  { presences: storeOver('PRESENCE_TABLE', (table) => new PresenceStore(table)), clock },
  onDeviceDisconnected,
  'rule',
);
