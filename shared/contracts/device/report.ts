import * as z from 'zod';
import { FailureReason, Hardware, Ulid, VersionText } from '../names.ts';
import { BootId, Nonce } from './check.ts';

/** What a device says of its attempt. `claimed` is its own claim of success and never counts as good. */
export const ReportState = z.enum([
  'installing',
  'rebooting',
  'failed',
  'interrupted',
  'claimed',
  'progress',
]);
export type ReportState = z.infer<typeof ReportState>;

/** One step of an attempt. `seq` rises by one with every event of an attempt, over reboots too. */
export const ReportEvent = z.object({
  seq: z.number().int().min(1).max(1_000_000),
  state: ReportState,
  /** Milliseconds since the boot that this event happened in. */
  uptimeMs: z.number().int().min(0),
  /** Boot in which it happened, where it is not the report's. */
  bootId: BootId.optional(),
  /** Why it failed: a short code fit for counting, `flash-write`, `battery`, `no-space`, `declined`. */
  reason: FailureReason.optional(),
  detail: z.string().max(500).optional(),
});
export type ReportEvent = z.infer<typeof ReportEvent>;

/** Device up, rule `ek_report`: packed progress, resent until `ackSeq` covers it. */
export const Report = z.object({
  v: z.literal(1),
  rollout: Ulid,
  attempt: Ulid,
  hardware: Hardware,
  /** The version being installed. */
  target: VersionText,
  bootId: BootId,
  events: z.array(ReportEvent).min(1).max(20),
  /** The device leaves this boot and waits for no acknowledgement: its next check tells the same. */
  leaving: z.boolean().optional(),
  /** Seconds within which the device promises to be heard again, at most 30 days. */
  backWithin: z.number().int().min(1).max(2_592_000).optional(),
});
export type Report = z.infer<typeof Report>;

/** Down, `ek/<thing>/ack`: the events of that attempt up to `ackSeq` are durable. */
export const Ack = z.object({ v: z.literal(1), attempt: Ulid, ackSeq: z.number().int().min(0) });
export type Ack = z.infer<typeof Ack>;

/** Down, `ek/<thing>/refused`: what was refused; final, sending the same again is of no use. */
export const Refused = z.object({
  v: z.literal(1),
  /** The last level of the topic it came on: `check`, `permit`, `report`, `inventory`. */
  message: z.string(),
  nonce: Nonce.optional(),
  /** Of a report: whose events they were. */
  attempt: Ulid.optional(),
  field: z.string(),
  rule: z.string(),
});
export type Refused = z.infer<typeof Refused>;

/** Device up, rule `ek_inventory`: attributes that selectors may use; at most 32 texts, numbers or booleans. */
export const Inventory = z.object({
  v: z.literal(1),
  attributes: z
    .record(
      z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,31}$/, 'names must be 1 to 32 of a-z, 0-9 and _, and begin with a letter'),
      z.union([z.string().max(128), z.number(), z.boolean()], {
        error: 'must be a text of at most 128 characters, a number or a boolean',
      }),
    )
    .refine((all) => Object.keys(all).length <= 32, 'must hold at most 32 attributes'),
});
export type Inventory = z.infer<typeof Inventory>;
