import type { Table } from '#shared/capabilities/table.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import { savedOrStale } from '#shared/retry/saved-or-stale.ts';
import type { Product, SigningKey } from '../domain/product.ts';
import { nameAfter } from '../domain/product-cursor.ts';
import { auditEntry } from './audit-entry.ts';
import { type ProductId, productKey } from './keys.ts';
import { fromRow, keyChangesOf, keysUnchanged, toRow } from './product-row.ts';

/** Whose decision a write is. `id` is new for every try: audit id and transaction token. */
export interface Decided {
  readonly id: string;
  readonly atMs: number;
  readonly actor: string;
}

/** A page of products in order of name. */
export interface ProductPage {
  readonly products: readonly Product[];
  /** Where the page ended; absent on the last page. */
  readonly lastName?: string;
}

/** Products and their signing keys, over the table `firmware`. */
export class ProductStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** The product as it is now; `undefined` if the tenant has none of that name. */
  async find(id: ProductId): Promise<Product | undefined> {
    const [item] = await this.#table.get([productKey(id)], { consistent: true });
    return item && fromRow(item);
  }

  /** The product as it is now. Throws `NotFoundError` if the tenant has none of that name. */
  async get(id: ProductId): Promise<Product> {
    const product = await this.find(id);
    if (product === undefined) throw new NotFoundError('product', 'must be a product of this tenant');
    return product;
  }

  /** Up to `limit` products of a tenant in order of name, beginning with `fromName`; one just made may be missing for a second. */
  async list(
    tenant: string,
    { limit, fromName }: { readonly limit: number; readonly fromName?: string },
  ): Promise<ProductPage> {
    // One more than asked for tells whether there is a next page.
    const found = await this.#namesOf(tenant, limit + 1, fromName);
    const names = found.slice(0, limit);
    const keys = names.map((product) => productKey({ tenant, product }));
    const rows = await this.#table.get(keys, { consistent: true });
    const products = rows.flatMap((row) => (row ? [fromRow(row)] : []));
    const lastName = names.at(-1);
    return found.length <= limit || lastName === undefined ? { products } : { products, lastName };
  }

  /** The releases of a product stand beside it in the index: a name is taken once, and what is left of it is not read. */
  async #namesOf(tenant: string, wanted: number, fromName: string | undefined): Promise<string[]> {
    const names: string[] = [];
    let from = fromName;
    let cursor: string | undefined;
    let isMore = true;
    while (isMore && names.length < wanted) {
      const page = await this.#table.query({
        ...{ index: 'byTenant', partition: tenant, limit: wanted },
        ...(from !== undefined && { from }),
        ...(cursor !== undefined && { cursor }),
      });
      for (const { product } of page.items) if (product !== names.at(-1)) names.push(String(product));
      const last = page.items.at(-1);
      if (last !== undefined) from = nameAfter(String(last.product));
      cursor = last === undefined ? page.cursor : undefined;
      isMore = page.cursor !== undefined;
    }
    return names;
  }

  /** Makes a product; `stale` when there is one of that name, or somebody is just making it. */
  create(product: Product, { id, atMs, actor }: Decided): Promise<'saved' | 'stale'> {
    const after = { hardware: product.hardware };
    const writes = [
      { put: toRow(product), when: [{ attribute: 'pk', is: 'absent' }] as const },
      auditEntry(product, { id, atMs, actor, action: 'create-product', before: null, after }),
    ];
    return savedOrStale(() => this.#table.transact(writes, { token: id }));
  }

  /** Saves the hardware ids of `after`; `stale` when some have been added since `before` was read. */
  saveHardware(before: Product, after: Product, { id, atMs, actor }: Decided): Promise<'saved' | 'stale'> {
    const writes = [
      {
        update: productKey(before),
        set: { hardware: after.hardware, hardwareCount: after.hardware.length },
        when: [{ attribute: 'hardwareCount', is: '=', value: before.hardware.length }] as const,
      },
      auditEntry(before, {
        id,
        atMs,
        actor,
        action: 'add-hardware',
        before: { hardware: before.hardware },
        after: { hardware: after.hardware },
      }),
    ];
    return savedOrStale(() => this.#table.transact(writes, { token: id }));
  }

  /** Saves the keys of `after`, of which `key` is the one that has changed; `stale` when keys have changed since `before` was read. */
  saveKeys(
    { before, after, key }: { readonly before: Product; readonly after: Product; readonly key: SigningKey },
    { id, atMs, actor }: Decided,
  ): Promise<'saved' | 'stale'> {
    const { keyId, name, withdrawn } = key;
    const writes = [
      {
        update: productKey(before),
        set: { keys: after.keys, keyCount: keyChangesOf(after) },
        when: [keysUnchanged(before)],
      },
      auditEntry(before, {
        id,
        atMs,
        actor,
        after: { keyId, name },
        ...(withdrawn === undefined
          ? { action: 'add-signing-key', before: null }
          : { action: 'withdraw-signing-key', reason: withdrawn.reason, before: { keyId, name } }),
      }),
    ];
    return savedOrStale(() => this.#table.transact(writes, { token: id }));
  }
}
