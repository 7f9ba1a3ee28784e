import { type AuditLog, SealContent } from '#shared/audit/seal.ts';
import { Ulid } from '#shared/contracts/names.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import type { ApiClient } from '../api-client.ts';
import { FailedError } from '../errors.ts';
import { allPages } from './all-pages.ts';
import { type AuditEntry, auditEntryOf, readAudit } from './audit.ts';
import {
  type AuditSource,
  auditOfProduct,
  auditOfRollout,
  auditOfThing,
  quarantineOfThing,
  type SealPages,
  sealsOf,
} from './audit-sources.ts';

/** Whose decisions are asked for, and from when on. */
export interface DecidedBy {
  /** As the audit log names people, `operator:<name>`. */
  readonly actor: string;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
}

/** What was decided is under a seal by then: a stage seals what its change stream brings, in batches of 20 s. */
export const SEALED_WITHIN_SECONDS = 60;

/**
 * What one person decided about rollouts, devices and products, oldest first. Only the seals know what a tenant's decisions are about, so
 * that all chains are read, and then the log of each thing that was sealed since; what is not sealed yet may be missing
 * (`SEALED_WITHIN_SECONDS`). `onThing` hears how many logs of how many were read.
 */
export async function decisionsBy(
  client: ApiClient,
  { actor, sinceMs }: DecidedBy,
  onThing: (read: number, of: number) => void = () => undefined,
): Promise<AuditEntry[]> {
  const seals = sealsOf(client);
  const sources: AuditSource[] = [];
  for (const log of ['products', 'rollouts', 'devices'] as const) {
    for (const about of await sealedSince(log, seals[log], sinceMs))
      sources.push(SOURCE_OF[log](client, about));
  }
  const found: AuditEntry[] = [];
  for (const [index, source] of sources.entries()) {
    const texts = await readAudit(source);
    const entries = texts.map(auditEntryOf);
    found.push(...entries.filter((entry) => entry.actor === actor && entry.atMs >= sinceMs));
    onThing(index + 1, sources.length);
  }
  return found.sort((a, b) => a.atMs - b.atMs);
}

/** The log of what a seal names. */
const SOURCE_OF: Readonly<Record<AuditLog, (client: ApiClient, about: string) => AuditSource>> = {
  products: auditOfProduct,
  // Quarantines are in this log under the thing.
  rollouts: (client, about) =>
    Ulid.safeParse(about).success ? auditOfRollout(client, about) : quarantineOfThing(client, about),
  devices: auditOfThing,
};

/** What the decisions of a log that were sealed since are about: a seal is made after all that it holds. Releases are in the log of their product. */
async function sealedSince(log: AuditLog, seals: SealPages, sinceMs: number): Promise<ReadonlySet<string>> {
  const texts = await allPages(Number.POSITIVE_INFINITY, async (query) => {
    const page = await seals(query);
    return { items: page.seals.map(({ text }) => text), cursor: page.cursor };
  });
  const about = new Set<string>();
  for (const text of texts) {
    const seal = SealContent.safeParse(parseJson(text));
    if (!seal.success) {
      throw new FailedError(
        `a seal of the log of ${log} cannot be read`,
        'What was changed in it: evenkeel audit --verify, of a rollout, a device and a product.',
      );
    }
    if (seal.data.atMs < sinceMs) continue;
    for (const entry of seal.data.entries)
      about.add(log === 'products' ? productOf(entry.about) : entry.about);
  }
  return about;
}

const productOf = (about: string): string => about.split('/')[0] ?? about;
