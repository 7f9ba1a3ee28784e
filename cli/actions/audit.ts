import { createPublicKey } from 'node:crypto';
import * as z from 'zod';
import { sealKeyId } from '#shared/audit/seal.ts';
import { type AuditVerdict, SealChain } from '#shared/audit/verify-audit.ts';
import type { SealsPage } from '#shared/contracts/api/audit.ts';
import { FailedError, UsageError } from '../errors.ts';
import { readNamedFile } from '../files.ts';
import { allPages, type PageQuery } from './all-pages.ts';
import type { AuditSource } from './audit-sources.ts';

/** The API gives at most so many seals at once. */
const PAGE = 100;

/** What a device or release is in an entry: what people want to know of it. */
const State = z.looseObject({
  state: z.string().optional(),
  decommissioned: z.boolean().optional(),
  quarantined: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  hardware: z.union([z.string(), z.array(z.string())]).optional(),
  name: z.string().optional(),
});

/** What everybody wants to know of an entry; the rest of it is for scripts. */
const Entry = z.looseObject({
  id: z.string(),
  /** Builds from before 26 November 2026 wrote none: such an entry is about what it lies with. */
  about: z.string().optional(),
  atMs: z.number(),
  actor: z.string(),
  action: z.string(),
  reason: z.string().optional(),
  before: State.nullish(),
  after: State.optional(),
  excuse: z.looseObject({ devices: z.array(z.string()), reasons: z.array(z.string()) }).optional(),
});
export type AuditEntry = z.infer<typeof Entry>;

/** A whole audit log, oldest first, as texts. */
export function readAudit(source: Pick<AuditSource, 'entries'>): Promise<string[]> {
  return allPages(Number.POSITIVE_INFINITY, async (query) => {
    const { entries, cursor } = await source.entries(query);
    return { items: entries.map(({ text }) => text), cursor };
  });
}

/** What the text of an entry says. */
export const auditEntryOf = (text: string): AuditEntry => Entry.parse(JSON.parse(text));

/**
 * Holds an audit log against the seals over it, however many there are. `trusted` are the public keys (PEM) that may have sealed; without
 * any those that the backend names are taken. `onSeals` hears how many seals were read so far. Answers the log, too.
 */
export async function verifiedAudit(
  source: AuditSource,
  trusted: readonly string[],
  nowMs: number,
  onSeals: (count: number) => void = () => undefined,
): Promise<{ readonly texts: readonly string[]; readonly verdict: AuditVerdict }> {
  const { log, about } = source;
  const keys = new Map(trusted.map((pem) => [sealKeyId(pem), pem]));
  let chain: SealChain | undefined;
  let count = 0;
  let query: PageQuery | undefined = { limit: PAGE };
  // Seals first: what is sealed by then is in the log when that is read.
  do {
    const page: z.infer<typeof SealsPage> = await source.seals(query);
    chain ??= new SealChain({ log, about, keys, tenant: page.tenant });
    if (trusted.length === 0) for (const { keyId, publicKeyPem } of page.keys) keys.set(keyId, publicKeyPem);
    for (const seal of page.seals) chain.take(seal);
    count += page.seals.length;
    onSeals(count);
    if (page.seals.length === 0 && page.cursor !== undefined)
      throw new FailedError('the backend says that there are more seals, and gives none', 'Look at its log.');
    query = page.cursor === undefined ? undefined : { limit: PAGE, cursor: page.cursor };
  } while (query !== undefined);
  const texts = await readAudit(source);
  return { texts, verdict: chain.verdictOn(texts, nowMs) };
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
