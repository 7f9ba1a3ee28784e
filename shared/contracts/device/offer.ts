import * as z from 'zod';
import { ReleaseName, Sha256, Ulid, VersionText } from '../names.ts';
import { Nonce } from './check.ts';

/** Down, `ek/<thing>/offer`: what the device may download. At most 5 KB, the metering step of IoT Core. */
export const Offer = z.object({
  v: z.literal(1),
  /** The nonce of the check that this answers. */
  nonce: Nonce,
  rollout: Ulid,
  release: ReleaseName,
  version: VersionText,
  sequence: z.number().int().min(1),
  /** The very bytes that the manufacturer signed, base64. */
  manifest: z.string(),
  /** Ed25519 signature over those bytes, base64, and the key that made it. */
  signature: z.object({ keyId: Sha256, value: z.string() }),
  artifact: z.object({ sha256: Sha256, sizeBytes: z.number().int().min(1), url: z.string() }),
  /** When the URL stops working; the device then checks again. Milliseconds since 1970. */
  expiresAtMs: z.number().int(),
});
export type Offer = z.infer<typeof Offer>;

/** What is offered, without whom and what it answers: part of a permit that answers a check. */
export const OfferedRelease = Offer.omit({ v: true, nonce: true, rollout: true });
export type OfferedRelease = z.infer<typeof OfferedRelease>;

/** Down, `ek/<thing>/offer`: nothing now; ask again in so many seconds. Sent only when that differs from the usual interval. */
export const RetryAfter = z.object({ v: z.literal(1), nonce: Nonce, retryAfter: z.number().int().min(1) });
export type RetryAfter = z.infer<typeof RetryAfter>;
