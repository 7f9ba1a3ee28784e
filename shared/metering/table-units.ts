import { itemBytes } from '#shared/capabilities/limits/item-text.ts';
import type { Item } from '#shared/capabilities/table.ts';

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

/** Sizes of items that are still in use: one is measured once, however often it is read, changed and written. */
const SIZES = new WeakMap<Item, number>();

function sizeBytesOf(item: Item | undefined): number {
  if (item === undefined) return 0;
  let bytes = SIZES.get(item);
  if (bytes === undefined) {
    bytes = itemBytes(item);
    SIZES.set(item, bytes);
  }
  return bytes;
}

/** A secondary index as far as its cost goes. */
export interface BilledIndex {
  readonly name: string;
  readonly partition: string;
  readonly sort?: string;
  /** Attributes besides all keys that are in it. */
  readonly projection: 'all' | 'keys' | readonly string[];
}

/** Write units of one item, by DynamoDB's measure: the larger of before and after in steps of 1 KB, at least one. */
export function writeUnitsOf(before: Item | undefined, after: Item | undefined): number {
  const sizeBytes = Math.max(sizeBytesOf(before), sizeBytesOf(after));
  return Math.max(1, Math.ceil(sizeBytes / WRITE_UNIT_BYTES));
}

/** Read units of an item read by its key; an absent one costs a step as well. */
export function readUnitsOf(item: Item | undefined, consistent: boolean): number {
  const steps = Math.max(1, Math.ceil(sizeBytesOf(item) / READ_UNIT_BYTES));
  return consistent ? steps : steps / 2;
}

/** Read units of a page of a query: all its bytes together. */
export function pageUnitsOf(items: readonly Item[], consistent: boolean): number {
  const sizeBytes = items.reduce((sum, item) => sum + sizeBytesOf(item), 0);
  const steps = Math.max(1, Math.ceil(sizeBytes / READ_UNIT_BYTES));
  return consistent ? steps : steps / 2;
}

/** Write units of an index when an item changes from `before` to `after`: an entry whose key changes is removed and put. */
export function indexUnitsOf(index: BilledIndex, before: Item | undefined, after: Item | undefined): number {
  const was = isIn(index, before);
  const is = isIn(index, after);
  if (!was && !is) return 0;
  if (was !== is) return 1;
  const { partition, sort } = index;
  // In both: neither is absent.
  const [one, other] = [before as Item, after as Item];
  if (one[partition] !== other[partition]) return 2;
  if (sort !== undefined && one[sort] !== other[sort]) return 2;
  return hasChanged(index, one, other) ? 1 : 0;
}

function isIn({ partition, sort }: BilledIndex, item: Item | undefined): boolean {
  return item?.[partition] !== undefined && (sort === undefined || item[sort] !== undefined);
}

function hasChanged({ projection }: BilledIndex, before: Item, after: Item): boolean {
  if (projection === 'keys') return false;
  const names =
    projection === 'all' ? new Set([...Object.keys(before), ...Object.keys(after)]) : new Set(projection);
  return [...names].some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
