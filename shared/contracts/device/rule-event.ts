import * as z from 'zod';
import { Thing } from '../names.ts';

/**
 * What every IoT rule hands over: `SELECT encode(*, 'base64') AS payload, topic(2) AS thing, clientid() AS client,
 * principal() AS certificate, timestamp() AS at`. The queues of reports, permit requests and inventories hold it.
 */
export const RuleEvent = z.object({
  payload: z.string().max(180_000),
  thing: Thing,
  client: z.string().max(128),
  certificate: z.string().max(128),
  /** Milliseconds since 1970. */
  at: z.number().int(),
  /** Sent on by a function of ours: no rule was triggered, which the meter must know. */
  forwarded: z.literal(true).optional(),
});
export type RuleEvent = z.infer<typeof RuleEvent>;
