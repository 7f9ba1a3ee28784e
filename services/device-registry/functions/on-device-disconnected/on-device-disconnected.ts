import type { Call } from '#shared/lambda/call.ts';
import { followPresence, type LifecycleMessage, type PresenceNeeds } from '../../steps/follow-presence.ts';

/** Sessions have ended; the queue held the messages back, so that a device that reconnects at once never seems away. */
export const onDeviceDisconnected = (
  messages: readonly LifecycleMessage[],
  needs: PresenceNeeds,
  call: Call,
) => followPresence('disconnected', messages, needs, call);
