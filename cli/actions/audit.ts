import { createPublicKey } from 'node:crypto';
import * as z from 'zod';
import { type Seal, sealKeyId } from '#shared/audit/seal.ts';
import { type AuditVerdict, verifyAudit } from '#shared/audit/verify-audit.ts';
import { ListAuditSeals, ListRolloutAudit } from '#shared/contracts/api/audit.ts';
import type { ApiClient } from '../api-client.ts';
import { UsageError } from '../errors.ts';
import { readNamedFile } from '../files.ts';
import { allPages } from './all-pages.ts';

/** What everybody wants to know of an entry; the rest of it is for scripts. */
const Entry = z.looseObject({
  id: z.string(),
  atMs: z.number(),
  actor: z.string(),
  action: z.string(),
  reason: z.string().optional(),
  after: z.looseObject({ state: z.string() }).optional(),
});
export type AuditEntry = z.infer<typeof Entry>;

/** Everything that was decided about a rollout, oldest first, as texts. */
export function readAudit(client: ApiClient, rollout: string): Promise<string[]> {
  return allPages(Number.POSITIVE_INFINITY, async (query) => {
    const { entries, cursor } = await client.call(ListRolloutAudit, { params: { rollout }, query });
    return { items: entries.map(({ text }) => text), cursor };
  });
}

/** What the text of an entry says. */
export const auditEntryOf = (text: string): AuditEntry => Entry.parse(JSON.parse(text));

/**
 * Holds the audit log of a rollout against the seals over it. `trusted` are the public keys (PEM) that may have sealed; without any those
 * that the backend names are taken. Answers the log, too.
 */
export async function verifiedAudit(
  client: ApiClient,
  rollout: string,
  trusted: readonly string[],
  nowMs: number,
): Promise<{ readonly texts: readonly string[]; readonly verdict: AuditVerdict }> {
  const named = new Map<string, string>();
  // Seals first: what is sealed by then is in the log when that is read.
  const seals = await allPages<Seal>(Number.POSITIVE_INFINITY, async (query) => {
    const page = await client.call(ListAuditSeals, { query });
    for (const { keyId, publicKeyPem } of page.keys) named.set(keyId, publicKeyPem);
    return { items: page.seals, cursor: page.cursor };
  });
  const texts = await readAudit(client, rollout);
  const keys = trusted.length === 0 ? named : new Map(trusted.map((pem) => [sealKeyId(pem), pem]));
  return { texts, verdict: verifyAudit({ rollout, entries: texts, seals, keys, nowMs }) };
}

/** The public key (PEM) in a file. Throws `UsageError` when there is none. */
export async function readSealKey(file: string): Promise<string> {
  const pem = await readNamedFile(file, 'a public key');
  try {
    if (pem.includes('PRIVATE')) throw new UsageError(`${file} holds a private key: give its public half`);
    createPublicKey(pem);
    return pem;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} holds no public key in PEM`, { cause: error });
  }
}
