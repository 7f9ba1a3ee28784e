import type { Item } from '#shared/capabilities/table.ts';

/**
 * A reading of items that is made once for each: a home that keeps items in memory hands out the very same one as long as nobody has
 * written it. What was read is kept for as long as the item itself is; nobody changes either. What `read` throws is not kept.
 */
export function readOnce<Row extends object>(read: (item: Item) => Row): (item: Item) => Row {
  const known = new WeakMap<Item, Row>();
  return (item) => {
    const before = known.get(item);
    if (before !== undefined) return before;
    const row = read(item);
    known.set(item, row);
    return row;
  };
}
