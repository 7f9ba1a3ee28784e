import type { Bus } from '#shared/capabilities/bus.ts';
import type { Change, Item, PutWrite, Value } from '#shared/capabilities/table.ts';
import type { EventContract } from '#shared/contracts/events/event.ts';
import { ThrottledError } from '#shared/errors/errors.ts';

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

/** Publishes the outbox entries among these changes; throws when the bus did not take all, so that they come again. */
export async function relayOutbox(changes: readonly Change[], { bus }: { readonly bus: Bus }): Promise<void> {
  const events = changes.flatMap(({ before, after }) =>
    before === undefined && after !== undefined && String(after.sk).startsWith('outbox#')
      ? [eventOf(after)]
      : [],
  );
  if (events.length === 0) return;
  const { failed } = await bus.publish(events);
  if (failed.length > 0)
    throw new ThrottledError(`the bus did not take ${failed.length} of ${events.length} events`);
}

function eventOf(entry: Item) {
  return {
    id: String(entry.sk).slice('outbox#'.length),
    source: String(entry.source),
    type: String(entry.type),
    // Written by `outboxEntry`, which takes objects only.
    detail: entry.detail as { readonly [name: string]: unknown },
  };
}
