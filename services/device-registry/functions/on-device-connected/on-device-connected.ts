import type { Call } from '#shared/lambda/call.ts';
import { followPresence, type LifecycleMessage, type PresenceNeeds } from '../../steps/follow-presence.ts';

/** Sessions have begun. */
export const onDeviceConnected = (messages: readonly LifecycleMessage[], needs: PresenceNeeds, call: Call) =>
  followPresence('connected', messages, needs, call);
