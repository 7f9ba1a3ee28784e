import { createHash, createPublicKey } from 'node:crypto';
import * as z from 'zod';
import { EpochMs, Sha256, Tenant, Ulid } from '#shared/contracts/names.ts';

/** The logs: each service seals its own, with a chain for each tenant. */
export const AuditLog = z.enum(['rollouts', 'devices', 'products']);
export type AuditLog = z.infer<typeof AuditLog>;

/** What an entry is about: a rollout's id, a thing, a product, or a release as `<product>/<version>`. */
export const About = z.string().min(1).max(97);

/** Entries that one seal holds at most: with the seal itself they are one transaction (DynamoDB: 100 writes). */
export const ENTRIES_PER_SEAL = 90;

/** What a seal says, signed as the text that it is. */
export const SealContent = z.object({
  v: z.literal(1),
  /** Where one key seals several logs, no seal of one can pass for that of another. */
  log: AuditLog,
  tenant: Tenant,
  /** 1 for a tenant's first seal; each next is one more. */
  number: z.number().int().min(1),
  atMs: EpochMs,
  /** The sha256 of the text of the seal before it; absent in the first. */
  previous: Sha256.optional(),
  /** What it seals: entries of the audit log by their id and the sha256 of their text. */
  entries: z
    .array(z.object({ id: Ulid, about: About, sha256: Sha256 }))
    .min(1)
    .max(ENTRIES_PER_SEAL),
});
export type SealContent = z.infer<typeof SealContent>;

/** A seal as it is kept: the text, and who signed it. */
export interface Seal {
  /** A `SealContent` as JSON. */
  readonly text: string;
  /** Id of the key: lower-case hex sha256 of its SPKI in DER. */
  readonly keyId: string;
  /** ECDSA on P-256 over the sha256 of the text, DER in base64. */
  readonly signature: string;
}

/** The data as JSON with the keys of every object in order: one text, whoever writes it down. */
export function canonicalText(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** Lower-case hex sha256 of a text in UTF-8. */
export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The id of a public key (PEM). Throws what OpenSSL throws for anything that is none. */
export function sealKeyId(publicKeyPem: string): string {
  const der = createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}
