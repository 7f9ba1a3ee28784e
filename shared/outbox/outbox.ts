import type { Bus, BusEvent } from '#shared/capabilities/bus.ts';
import type { Change, Item, PutWrite, Value } from '#shared/capabilities/table.ts';
import type { EventContract } from '#shared/contracts/events/event.ts';
import { OutboxEntry } from '#shared/contracts/outbox-entry.ts';
import type { Call } from '#shared/lambda/call.ts';

/** How long a published entry is kept: long enough to look at, and past every redelivery of a change stream (24 h). */
const KEPT_SECONDS = 7 * 86_400;

/**
 * The write that goes into the same transaction as the change it tells of. Nothing else publishes to the bus: the table's
 * change stream hands the entry to `relayOutbox`. The event's id is the entry's id, so that a repeat is known as one.
 */
export function outboxEntry<Detail extends { readonly id: string; readonly atMs: number }>(
  pk: string,
  contract: EventContract<Detail>,
  detail: Detail,
): PutWrite {
  return {
    put: {
      pk,
      sk: `outbox#${detail.id}`,
      source: contract.source,
      type: contract.type,
      // Details are JSON by their contracts; the generic type cannot show it.
      detail: detail as unknown as Value,
      expiresAt: Math.floor(detail.atMs / 1000) + KEPT_SECONDS,
    },
    when: [{ attribute: 'pk', is: 'absent' }],
  };
}

/**
 * Publishes the outbox entries among these changes. Answers the first that the bus did not take: it comes again with all that follow,
 * so that one entity's events are not put in another order; those that the bus had taken already are repeats, known by their ids.
 */
export async function relayOutbox(
  changes: readonly Change[],
  { bus }: { readonly bus: Bus },
  call: Pick<Call, 'count'>,
): Promise<{ readonly from: Change } | undefined> {
  const entries = changes.flatMap((change) =>
    change.before === undefined && change.after !== undefined && String(change.after.sk).startsWith('outbox#')
      ? [{ change, event: eventOf(change.after) }]
      : [],
  );
  if (entries.length === 0) return undefined;
  const { failed } = await bus.publish(entries.map(({ event }) => event));
  const first = entries[Math.min(...failed)];
  if (first === undefined) return undefined;
  call.count('EventNotTaken', failed.length);
  return { from: first.change };
}

/** Throws what the schema throws for an entry that no deployment ever wrote: nobody could say what to publish. */
function eventOf(item: Item): BusEvent {
  const { sk, source, type, detail } = OutboxEntry.parse(item);
  return { id: sk.slice('outbox#'.length), source, type, detail };
}
