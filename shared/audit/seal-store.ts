import type { Item, Key, Table } from '#shared/capabilities/table.ts';
import { type AuditEntry, auditRange, readAuditEntry } from './audit-entry.ts';
import type { Seal } from './seal.ts';

/** A seal with its number. */
export interface NumberedSeal extends Seal {
  readonly number: number;
}

/** A public key that has sealed. */
export interface SealingKey {
  readonly keyId: string;
  readonly publicKeyPem: string;
}

/** A page of something. */
export interface PageOf<T> {
  readonly items: T[];
  readonly cursor?: string;
}

interface Paging {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A key more in a year would be many. */
const MOST_KEYS = 100;
/** Public keys that have sealed, of all tenants; few, and for ever. */
const SEALERS_PARTITION = 'sealers';

const sealPartition = (tenant: string): string => `A#${tenant}`;
const sealKey = (tenant: string, number: number): Key => ({
  pk: sealPartition(tenant),
  sk: `seal#${String(number).padStart(12, '0')}`,
});

/**
 * The audit log of one service in its own table: entries, which lie beside what they are about, a chain of seals for each tenant, and the
 * public keys that have signed them. Seals have neither `tenant` nor `deviceId`, so that no index of a table takes them.
 */
export class SealStore {
  readonly #table: Table;
  readonly #kept = new Set<string>();

  constructor(table: Table) {
    this.#table = table;
  }

  /** What was decided about that which lies in this partition, oldest first. */
  async entries(partition: string, paging: Paging): Promise<PageOf<AuditEntry>> {
    return this.#page(auditRange(partition), paging, readAuditEntry);
  }

  /** The chain of a tenant, oldest first. */
  async seals(tenant: string, paging: Paging): Promise<PageOf<NumberedSeal>> {
    return this.#page({ partition: sealPartition(tenant), prefix: 'seal#' }, paging, readSeal);
  }

  /** The last seal of a tenant. */
  async head(tenant: string): Promise<NumberedSeal | undefined> {
    const range = { partition: sealPartition(tenant), prefix: 'seal#', descending: true };
    const { items } = await this.#table.query({ ...range, limit: 1, consistent: true });
    return items[0] && readSeal(items[0]);
  }

  /** Those of the entries that no seal holds yet, each once. */
  async unsealed(entries: readonly AuditEntry[]): Promise<AuditEntry[]> {
    const byId = [...new Map(entries.map((entry) => [entry.id, entry])).values()];
    const items = await this.#table.get(
      byId.map(({ key }) => key),
      { consistent: true },
    );
    // One that is gone cannot be sealed: that it was there says its change, and its absence shows.
    return byId.filter((_, at) => items[at] !== undefined && items[at].seal === undefined);
  }

  /** Keeps a seal as that number, and marks its entries; `false` when the number is taken or one of them is sealed. */
  async append(
    tenant: string,
    number: number,
    { text, keyId, signature }: Seal,
    entries: readonly AuditEntry[],
    token: string,
  ): Promise<boolean> {
    const marks = entries.map(({ key }) => ({
      update: key,
      set: { seal: number },
      when: [{ attribute: 'seal', is: 'absent' } as const],
    }));
    const seal = {
      put: { ...sealKey(tenant, number), number, text, keyId, signature },
      when: [{ attribute: 'pk', is: 'absent' } as const],
    };
    const { outcome } = await this.#table.transact([seal, ...marks], { token });
    return outcome === 'written';
  }

  /** Keeps a public key beside the seals for ever, once. */
  async keepKey({ keyId, publicKeyPem }: SealingKey, sinceMs: number): Promise<void> {
    if (this.#kept.has(keyId)) return;
    const key = { pk: SEALERS_PARTITION, sk: keyId };
    await this.#table.write({
      put: { ...key, publicKeyPem, sinceMs },
      when: [{ attribute: 'pk', is: 'absent' }],
    });
    this.#kept.add(keyId);
  }

  /** Every public key that has sealed. */
  async keys(): Promise<SealingKey[]> {
    const { items } = await this.#table.query({
      partition: SEALERS_PARTITION,
      limit: MOST_KEYS,
      consistent: true,
    });
    return items.map(({ sk, publicKeyPem }) => ({ keyId: String(sk), publicKeyPem: String(publicKeyPem) }));
  }

  async #page<T>(
    of: { readonly partition: string; readonly prefix: string },
    { limit, cursor }: Paging,
    read: (item: Item) => T,
  ): Promise<PageOf<T>> {
    const range = { ...of, limit, consistent: true };
    const page = await this.#table.query({ ...range, ...(cursor !== undefined && { cursor }) });
    return { items: page.items.map(read), ...(page.cursor !== undefined && { cursor: page.cursor }) };
  }
}

// Written by `append` alone.
const readSeal = ({ number, text, keyId, signature }: Item): NumberedSeal => ({
  number: Number(number),
  text: String(text),
  keyId: String(keyId),
  signature: String(signature),
});
