import { ProductName } from '#shared/contracts/names.ts';
import { RefusedError } from '#shared/errors/errors.ts';

/** The least character that a name may hold: the first name after `x` in byte order is `x-`. */
const LEAST = '-';

/** The first name of a product that may follow `product`. */
export const nameAfter = (product: string): string => product + LEAST;

/** The cursor after the product of that name: opaque to clients, good for their own tenant whoever made it. */
export function cursorAfterProduct(product: string): string {
  return Buffer.from(product).toString('base64url');
}

/** The first name that may follow the one that the cursor names. Throws `RefusedError` for a text that no listing gave. */
export function firstNameAfter(cursor: string): string {
  const product = Buffer.from(cursor, 'base64url').toString();
  if (!ProductName.safeParse(product).success || cursorAfterProduct(product) !== cursor) {
    throw new RefusedError('cursor', 'must be one that a listing gave');
  }
  return nameAfter(product);
}
