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

/** A device that comes back begins one session as another ends, and both functions write its item: so often is it read anew. */
const ROUNDS = 3;

/**
 * Adds a batch of lifecycle events of one kind to what is known of the devices; answers the messages of those that somebody
 * else was writing time after time. A client whose id is no thing name is no device: counted and done with.
 */
export async function followPresence(
  kind: SessionEvent['kind'],
  messages: readonly LifecycleMessage[],
  needs: PresenceNeeds,
  call: Call,
): Promise<{ readonly retry: readonly LifecycleMessage[] }> {
  const isOfDevice = ({ body }: LifecycleMessage): boolean => Thing.safeParse(body.clientId).success;
  let left = messages.filter(isOfDevice);
  if (left.length < messages.length) call.count('LifecycleEventOfStranger', messages.length - left.length);
  for (let round = 0; left.length > 0 && round < ROUNDS; round += 1)
    left = await addEvents(kind, left, needs);
  return { retry: left };
}

/** Adds those events; answers those of devices that somebody else was writing. */
async function addEvents(
  kind: SessionEvent['kind'],
  messages: readonly LifecycleMessage[],
  { presences, clock }: PresenceNeeds,
): Promise<LifecycleMessage[]> {
  const byThing = Map.groupBy(messages, ({ body }) => body.clientId);
  const known = await presences.find([...byThing.keys()], { consistent: true });
  const nowMs = clock.now();
  const stale: LifecycleMessage[] = [];
  await Promise.all(
    [...byThing].map(async ([thing, own], at) => {
      const kept = known[at];
      if (kept === undefined) return;
      const events = own.map(({ body }) => ({ kind, session: body.sessionIdentifier, atMs: body.timestamp }));
      const presence = events.reduce((before, event) => withEvent(before, event, nowMs), kept.presence);
      if (presence === kept.presence) return;
      if ((await presences.save(thing, presence, kept.revision)) === 'stale') stale.push(...own);
    }),
  );
  return stale;
}
