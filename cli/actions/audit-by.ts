import type * as z from 'zod';
import { type AuditLog, SealContent } from '#shared/audit/seal.ts';
import {
  type AuditPage,
  ListDeviceAudit,
  ListDeviceSeals,
  ListProductAudit,
  ListProductSeals,
  ListQuarantineAudit,
  ListRolloutAudit,
  ListRolloutSeals,
  type SealsPage,
} from '#shared/contracts/api/audit.ts';
import { Ulid } from '#shared/contracts/names.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import type { ApiClient } from '../api-client.ts';
import { FailedError } from '../errors.ts';
import { allPages, type PageQuery } from './all-pages.ts';
import { type AuditEntry, auditEntryOf, readAudit } from './audit.ts';

/** Whose decisions are asked for, and from when on. */
export interface DecidedBy {
  /** As the audit log names people, `operator:<name>`. */
  readonly actor: string;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
}

interface Log {
  readonly log: AuditLog;
  readonly seals: (query: PageQuery) => Promise<z.infer<typeof SealsPage>>;
  /** The entries about what a seal names. */
  readonly entries: (about: string, query: PageQuery) => Promise<z.infer<typeof AuditPage>>;
}

/**
 * What one person decided about rollouts, devices and products, oldest first. Only the seals know what a tenant's decisions are about, so
 * that all chains are read, and then the log of each thing that was sealed since; what is not sealed yet, a minute at the most, may be
 * missing. `onThing` hears how many logs of how many were read.
 */
export async function decisionsBy(
  client: ApiClient,
  { actor, sinceMs }: DecidedBy,
  onThing: (read: number, of: number) => void = () => undefined,
): Promise<AuditEntry[]> {
  const logs = logsOf(client);
  const things: { readonly log: Log; readonly about: string }[] = [];
  for (const log of logs) {
    for (const about of await sealedSince(log, sinceMs)) things.push({ log, about });
  }
  const found: AuditEntry[] = [];
  for (const [index, { log, about }] of things.entries()) {
    const texts = await readAudit({ entries: (query) => log.entries(about, query) });
    const entries = texts.map(auditEntryOf);
    found.push(...entries.filter((entry) => entry.actor === actor && entry.atMs >= sinceMs));
    onThing(index + 1, things.length);
  }
  return found.sort((a, b) => a.atMs - b.atMs);
}

function logsOf(client: ApiClient): readonly Log[] {
  return [
    {
      log: 'products',
      seals: (query) => client.call(ListProductSeals, { query }),
      entries: (product, query) => client.call(ListProductAudit, { params: { product }, query }),
    },
    {
      log: 'rollouts',
      seals: (query) => client.call(ListRolloutSeals, { query }),
      // Quarantines are in this log under the thing.
      entries: (about, query) =>
        Ulid.safeParse(about).success
          ? client.call(ListRolloutAudit, { params: { rollout: about }, query })
          : client.call(ListQuarantineAudit, { params: { deviceId: deviceOf(about) }, query }),
    },
    {
      log: 'devices',
      seals: (query) => client.call(ListDeviceSeals, { query }),
      entries: (thing, query) =>
        client.call(ListDeviceAudit, { params: { deviceId: deviceOf(thing) }, query }),
    },
  ];
}

/** The device of a thing name, `<tenant>:<deviceId>`. */
const deviceOf = (thing: string): string => thing.slice(thing.indexOf(':') + 1);

/** What the decisions of a log that were sealed since are about: a seal is made after all that it holds. Releases are in the log of their product. */
async function sealedSince({ log, seals }: Log, sinceMs: number): Promise<ReadonlySet<string>> {
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
