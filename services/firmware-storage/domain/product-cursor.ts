import { listCursor, readCursor } from '#shared/contracts/list-cursor.ts';
import { ProductName } from '#shared/contracts/names.ts';

/** The least character that a name may hold: the first name after `x` in byte order is `x-`. */
const LEAST = '-';

/** The first name of a product that may follow `product`. */
export const nameAfter = (product: string): string => product + LEAST;

/** The cursor after the product of that name: good for their own tenant whoever made it. */
export const cursorAfterProduct = (product: string): string => listCursor(product);

/** The first name that may follow the one that the cursor names. Throws `RefusedError` for a text that no listing gave. */
export const firstNameAfter = (cursor: string): string =>
  nameAfter(readCursor(cursor, (product) => ProductName.safeParse(product).data));
