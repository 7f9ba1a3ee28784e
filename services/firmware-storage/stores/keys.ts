import type { Key } from '#shared/capabilities/table.ts';

/** Which product of whom. */
export interface ProductId {
  readonly tenant: string;
  readonly product: string;
}

/** The partition of everything that is kept of a product: its row, releases, audit entries and outbox entries. */
export const productPartition = ({ tenant, product }: ProductId): string => `P#${tenant}#${product}`;

/** The row of a product itself. */
export const productKey = (id: ProductId): Key => ({ pk: productPartition(id), sk: 'product' });

/** The row of a release, by its version. */
export const releaseKey = (id: ProductId & { readonly version: string }): Key => ({
  pk: productPartition(id),
  sk: `release#${id.version}`,
});

/** Which version has that sequence: the order of releases, and the proof that no two have the same. Sorts as numbers do. */
export const sequenceKey = (id: ProductId, sequence: number): Key => ({
  pk: productPartition(id),
  sk: `sequence#${String(sequence).padStart(10, '0')}`,
});
