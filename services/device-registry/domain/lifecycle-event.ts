import * as z from 'zod';

/**
 * What the rules on `$aws/events/presence/...` select of the broker's lifecycle events ("Lifecycle events", AWS IoT Core
 * developer guide): they may come twice and out of order, and `timestamp` may be wrong by two minutes either way.
 */
export const LifecycleEvent = z.object({
  clientId: z.string().max(128),
  /** Unique for ever, the same in the events of one connection. `versionNumber` is not: it starts anew after an hour offline. */
  sessionIdentifier: z.string().min(1).max(64),
  /** Milliseconds since 1970. */
  timestamp: z.number().int(),
});
export type LifecycleEvent = z.infer<typeof LifecycleEvent>;
