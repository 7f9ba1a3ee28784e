import type { Item, Table, Value } from '#shared/capabilities/table.ts';
import type { RolloutDocument } from '../domain/document/rollout-document.ts';
import { readStoredDocument } from '../domain/document/stored-document.ts';
import { count, text, UnreadableRowError } from '../domain/row/attributes.ts';
import { listingKey, rolloutKey, tenantPartition } from './keys.ts';
import { readOnce } from './read-once.ts';

/** What a rollout is and never changes: its document, and the release that it names. */
export interface RolloutRecord {
  readonly rollout: string;
  readonly tenant: string;
  readonly product: string;
  /** Version of the release. */
  readonly version: string;
  readonly document: RolloutDocument;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** A rollout with its document where that can be read: stopping it needs none, and people are shown what there is. */
export type RolloutIdentity = Omit<RolloutRecord, 'document'> & { readonly document?: RolloutDocument };

/** Rollouts with their documents, and the list of each tenant's. */
export class RolloutStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** One rollout of any tenant. Throws `UnreadableRowError`. */
  async read(rollout: string): Promise<RolloutRecord | undefined> {
    const [item] = await this.#table.get([rolloutKey(rollout)], { consistent: true });
    return item === undefined ? undefined : readRollout(item);
  }

  /** Which rollout it is, even where its document cannot be read. Throws `UnreadableRowError`. */
  async identity(rollout: string): Promise<RolloutIdentity | undefined> {
    const [item] = await this.#table.get([rolloutKey(rollout)], { consistent: true });
    if (item === undefined) return undefined;
    try {
      return readRollout(item);
    } catch (error) {
      if (!(error instanceof UnreadableRowError)) throw error;
      return readIdentity(item);
    }
  }

  /** Rollouts of a tenant, newest first. Throws `UnreadableRowError`. */
  async list(
    tenant: string,
    options: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ rollouts: RolloutIdentity[]; cursor?: string }> {
    const page = await this.#table.query({
      partition: tenantPartition(tenant),
      prefix: 'rollout#',
      descending: true,
      ...options,
    });
    const keys = page.items.map((item) => rolloutKey(String(item.rollout)));
    const items = await this.#table.get(keys, { consistent: false });
    const rollouts = items.flatMap((item) => (item ? [readIdentity(item)] : []));
    return { rollouts, ...(page.cursor !== undefined && { cursor: page.cursor }) };
  }

  /** Ids of rollouts of a tenant, newest first from `upTo` on, at most so many. */
  async ids(tenant: string, options: { readonly upTo: string; readonly limit: number }): Promise<string[]> {
    const { items } = await this.#table.query({
      partition: tenantPartition(tenant),
      from: listingKey(tenant, '').sk,
      to: listingKey(tenant, options.upTo).sk,
      descending: true,
      limit: options.limit,
    });
    return items.map((item) => text('listing.rollout', item.rollout));
  }
}

/** The item of a rollout. */
export function rolloutItem(record: RolloutRecord): Item {
  // A document is plain data by its type; optional fields that are absent are left out by `readDocument`.
  return { ...rolloutKey(record.rollout), ...record, document: record.document as unknown as Value };
}

/** The entry of a rollout in its tenant's list. */
export const listingItem = ({ tenant, rollout }: RolloutRecord): Item => ({
  ...listingKey(tenant, rollout),
  rollout,
});

// Written by `rolloutItem` alone.
const readRollout = readOnce(
  (item): RolloutRecord => ({
    ...readIdentity(item),
    document: readStoredDocument(item.document),
  }),
);

function readIdentity(item: Item): RolloutIdentity {
  return {
    rollout: text('rollout.rollout', item.rollout),
    tenant: text('rollout.tenant', item.tenant),
    product: text('rollout.product', item.product),
    version: text('rollout.version', item.version),
    createdAtMs: count('rollout.createdAtMs', item.createdAtMs),
    createdBy: text('rollout.createdBy', item.createdBy),
  };
}
