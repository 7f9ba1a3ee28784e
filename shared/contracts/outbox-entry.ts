import * as z from 'zod';

/**
 * An event on its way to the bus, as it stands in a service's table: written in the transaction of the change that it tells
 * of, read back from the table's change stream, perhaps by the next deployment of that service.
 */
export const OutboxEntry = z.object({
  pk: z.string().min(1),
  /** `outbox#` and the event's id. */
  sk: z.string().regex(/^outbox#[0-9A-HJKMNP-TV-Z]{26}$/, 'must be outbox# and an id'),
  source: z.string().min(1),
  type: z.string().min(1),
  detail: z.record(z.string(), z.unknown()),
  /** Seconds since 1970, when the entry may be removed (DynamoDB TTL). */
  expiresAt: z.number().int(),
});
export type OutboxEntry = z.infer<typeof OutboxEntry>;
