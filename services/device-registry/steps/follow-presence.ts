import type { Clock } from '#shared/capabilities/clock.ts';
import { Thing } from '#shared/contracts/names.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { QueueMessage } from '#shared/lambda/on-queue.ts';
import type { LifecycleEvent } from '../domain/lifecycle-event.ts';
import { type SessionEvent, withEvent } from '../domain/presence.ts';
import type { PresenceStore } from '../stores/presence-store.ts';

/** A lifecycle event, as its queue delivers it. */
export type LifecycleMessage = QueueMessage<LifecycleEvent>;

/** What it takes to follow presence. */
export interface PresenceNeeds {
  readonly presences: PresenceStore;
  readonly clock: Clock;
}

/**
 * Adds a batch of lifecycle events of one kind to what is known of the devices; answers the messages of those that somebody
 * else was writing. A client whose id is no thing name is no device: counted and done with.
 */
export async function followPresence(
  kind: SessionEvent['kind'],
  messages: readonly LifecycleMessage[],
  { presences, clock }: PresenceNeeds,
  call: Call,
): Promise<{ readonly retry: readonly LifecycleMessage[] }> {
  const byThing = Map.groupBy(messages, ({ body }) => body.clientId);
  for (const clientId of byThing.keys()) {
    if (Thing.safeParse(clientId).success) continue;
    byThing.delete(clientId);
    call.count('LifecycleEventOfStranger');
  }
  const known = await presences.find([...byThing.keys()], { consistent: true });
  const nowMs = clock.now();
  const retry: LifecycleMessage[] = [];
  await Promise.all(
    [...byThing].map(async ([thing, own], at) => {
      const kept = known[at];
      if (kept === undefined) return;
      const events = own.map(({ body }) => ({ kind, session: body.sessionIdentifier, atMs: body.timestamp }));
      const presence = events.reduce((before, event) => withEvent(before, event, nowMs), kept.presence);
      if (presence === kept.presence) return;
      if ((await presences.save(thing, presence, kept.revision)) === 'stale') retry.push(...own);
    }),
  );
  return { retry };
}
