import type { Key, TransactWrite } from './table.ts';

/** The key of the item that a write is for. Whether an item that is put has one, `checkWrite` says. */
export function keyOf(write: TransactWrite): Key {
  // A put item is not copied for its key: this runs for every write that is metered.
  if ('put' in write) return write.put as unknown as Key;
  if ('update' in write) return write.update;
  return 'delete' in write ? write.delete : write.check;
}
