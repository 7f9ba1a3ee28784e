import * as z from 'zod';
import { Thing } from '../names.ts';

/** September 2001: no message is older, and a time in seconds stays below it for thirty thousand years. */
const EARLIEST_MS = 1_000_000_000_000;

/**
 * What every IoT rule hands over: `SELECT encode(*, 'base64') AS payload, topic(2) AS thing, clientid() AS client,
 * principal() AS certificate, timestamp() AS at`. The queues of reports, permit requests and inventories hold it.
 */
export const RuleEvent = z.object({
  payload: z.string().max(180_000),
  thing: Thing,
  client: z.string().max(128),
  certificate: z.string().max(128),
  /** Milliseconds since 1970. A clock in seconds would say a day in 1970, and so is told by it. */
  at: z.number().int().min(EARLIEST_MS),
  /** Sent on by a function of ours: no rule was triggered, which the meter must know. */
  forwarded: z.literal(true).optional(),
});
export type RuleEvent = z.infer<typeof RuleEvent>;
