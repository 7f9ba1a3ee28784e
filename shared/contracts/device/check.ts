import * as z from 'zod';
import { FailureReason, Hardware, Sha256, Ulid, VersionText } from '../names.ts';

/** Random per boot, so that the backend can tell a new boot from a repeat. */
export const BootId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, 'must be 8 to 64 letters, digits, _ or -');
/** Made by the device for one request; the answer echoes it. */
export const Nonce = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, 'must be 8 to 64 letters, digits, _ or -');

/**
 * The number of a request to begin, which rises with every request of its boot, whether it is a check or a permit request: an answer to
 * an earlier one is void.
 */
export const Begins = z.number().int().min(1).max(1_000_000);
/**
 * Seconds from the request within which the device begins to install, if it is granted, downloading included. It then says nothing until
 * its next boot, whose check tells the rest; it is silent when that boot is not heard of in time.
 */
export const Within = z.number().int().min(1).max(86_400);

/** What runs on one part of a device. */
const Component = z.object({ version: VersionText, digest: Sha256.optional() });

/**
 * What a device is offered and could not download whole and right, why the last time (`mismatch`: other bytes than were signed; `no-space`), and
 * how often, one after the other. It is no attempt, because no permit was given.
 */
export const DownloadTrouble = z.object({
  rollout: Ulid,
  what: FailureReason,
  times: z.number().int().min(1).max(1_000_000),
});
export type DownloadTrouble = z.infer<typeof DownloadTrouble>;

/**
 * Device up, rule `ek_check`: "I am <hardware>, running <components>; anything for me?", at once the proof of what runs and
 * the state of the last attempt. Unknown keys are ignored, so that old backends accept new devices.
 */
export const CheckRequest = z.object({
  v: z.literal(1),
  nonce: Nonce,
  product: z.string().max(32).optional(),
  hardware: Hardware,
  /** By name, `main` is the image that releases replace; at most 16. */
  components: z
    .record(
      z.string().regex(/^[a-z0-9._-]{1,32}$/, 'names must be 1 to 32 of a-z, 0-9, ., _ and -'),
      Component,
    )
    .refine((all) => Object.keys(all).length <= 16, 'must hold at most 16 components')
    .refine((all) => all.main !== undefined, 'must hold the component main'),
  bootId: BootId,
  /** Whether the running image is permanent: a trial image checks in unconfirmed and may still revert. */
  confirmed: z.boolean(),
  /** The last attempt that the device knows of. */
  last: z
    .object({ rollout: Ulid, attempt: Ulid, state: z.string().max(32), seq: z.number().int().min(0) })
    .optional(),
  /** Until a download succeeds. */
  trouble: DownloadTrouble.optional(),
  /** With `within`: "if you grant me an install at once, I begin". The number of this request. */
  begins: Begins.optional(),
  within: Within.optional(),
  /** Seconds within which the device promises to be heard again, at most 30 days. */
  backWithin: z.number().int().min(1).max(2_592_000).optional(),
  /** What the device can do (`range`, `blocks`, delta formats), at most 16 words. */
  capabilities: z.array(z.string().max(32)).max(16).optional(),
});
export type CheckRequest = z.infer<typeof CheckRequest>;
