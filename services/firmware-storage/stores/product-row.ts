import * as z from 'zod';
import type { Condition, Item } from '#shared/capabilities/table.ts';
import type { Product } from '../domain/product.ts';
import { productKey } from './keys.ts';

/** A product as it lies in the table; fields that newer versions add are not ours to read, nor to take away: keys are written together. */
const ProductRow = z.object({
  tenant: z.string(),
  product: z.string(),
  hardware: z.array(z.string()),
  keys: z.array(
    z.looseObject({
      keyId: z.string(),
      name: z.string(),
      publicKeyPem: z.string(),
      addedAtMs: z.number(),
      withdrawn: z.looseObject({ atMs: z.number(), reason: z.string() }).exactOptional(),
    }),
  ),
  lastSequence: z.number(),
  createdAtMs: z.number(),
});

/**
 * How often the keys have changed: rises with each that is added and each that is withdrawn. It stands in the row as `keyCount`, for the
 * conditions of writes, which cannot look into a list.
 */
export const keyChangesOf = ({ keys }: Product): number =>
  keys.length + keys.filter(({ withdrawn }) => withdrawn !== undefined).length;

/** Holds while the product's keys are as they were read: what they have signed may be trusted or not as it was then. */
export const keysUnchanged = (product: Product): Condition => ({
  attribute: 'keyCount',
  is: '=',
  value: keyChangesOf(product),
});

/** The row of a product; `hardwareCount` stands in it for conditions too. */
export const toRow = (product: Product): Item => ({
  ...productKey(product),
  ...product,
  hardwareCount: product.hardware.length,
  keyCount: keyChangesOf(product),
});

/** The product of a row; throws when the row is not one. */
export const fromRow = (item: Item): Product => ProductRow.parse(item);
