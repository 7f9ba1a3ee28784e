import * as z from 'zod';
import { Hardware, ReleaseName, Ulid, VersionText } from '../names.ts';
import { Begins, BootId, Nonce, Within } from './check.ts';
import { OfferedRelease } from './offer.ts';

/** Device up, rule `ek_permit`: "downloaded and verified; may I install?" */
export const PermitRequest = z.object({
  v: z.literal(1),
  nonce: Nonce,
  rollout: Ulid,
  release: ReleaseName,
  hardware: Hardware,
  /** The version that runs now. */
  from: VersionText,
  bootId: BootId,
  /**
   * "When you grant this I begin at once", with the number of this request, which rises with every request of this boot: no
   * "installing" is reported then, and no acknowledgement waited for. Without it the permit alone begins nothing.
   */
  begins: Begins.optional(),
  /** With `begins`: no "rebooting" is reported either. */
  within: Within.optional(),
});
export type PermitRequest = z.infer<typeof PermitRequest>;

/**
 * Down, `ek/<thing>/permit`; with an `offer` where it answers a check, at most 5 KB. `granted` counts `seconds` on the device's monotonic
 * clock from the moment it SENT the request with that nonce; `wait` means ask again after `retryAfter` seconds; `withdrawn` means forget
 * this rollout.
 */
export const PermitAnswer = z.discriminatedUnion('answer', [
  z.object({
    v: z.literal(1),
    nonce: Nonce,
    rollout: Ulid,
    answer: z.literal('granted'),
    attempt: Ulid,
    seconds: z.number().int().min(1),
    offer: OfferedRelease.optional(),
  }),
  z.object({
    v: z.literal(1),
    nonce: Nonce,
    rollout: Ulid,
    answer: z.literal('wait'),
    retryAfter: z.number().int().min(1),
  }),
  z.object({
    v: z.literal(1),
    /** Absent when nothing asked: a permit is taken back whose "installing" comes too late to be acknowledged. */
    nonce: Nonce.optional(),
    rollout: Ulid,
    attempt: Ulid.optional(),
    answer: z.literal('withdrawn'),
    why: z.string().max(200),
  }),
]);
export type PermitAnswer = z.infer<typeof PermitAnswer>;
