import * as z from 'zod';
import type { Item } from '#shared/capabilities/table.ts';
import type { Product } from '../domain/product.ts';
import { productKey } from './keys.ts';

/** A product as it lies in the table; fields that newer versions add are not ours to read. */
const ProductRow = z.object({
  tenant: z.string(),
  product: z.string(),
  hardware: z.array(z.string()),
  keys: z.array(
    z.object({ keyId: z.string(), name: z.string(), publicKeyPem: z.string(), addedAtMs: z.number() }),
  ),
  lastSequence: z.number(),
  createdAtMs: z.number(),
});

/** The row of a product. `keyCount` stands in it for the conditions of writes, which cannot look into a list. */
export const toRow = (product: Product): Item => ({
  ...productKey(product),
  ...product,
  keyCount: product.keys.length,
});

/** The product of a row; throws when the row is not one. */
export const fromRow = (item: Item): Product => ProductRow.parse(item);
