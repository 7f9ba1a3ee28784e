import type { Key } from '#shared/capabilities/table.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { StoredItem } from './stored-item.ts';

/** DynamoDB TransactWriteItems: at most 100 writes and 4 MB. */
const WRITES_LIMIT = 100;
const SIZE_LIMIT_BYTES = 4 * 1024 * 1024;

/** Throws `RefusedError` unless a transaction has 1 to 100 writes. */
export function checkTransactionLength(count: number): void {
  if (count < 1 || count > WRITES_LIMIT) throw new RefusedError('writes', `must be 1 to ${WRITES_LIMIT}`);
}

/** Throws `RefusedError` when one call names an item twice. */
export function checkDistinct(keys: readonly Key[]): void {
  const seen = new Set(keys.map(({ pk, sk }) => `${pk.length}:${pk}${sk}`));
  if (seen.size < keys.length) throw new RefusedError('writes', 'must be on distinct items');
}

/** Throws `RefusedError` when the items that a transaction touches have more than 4 MB together. */
export function checkTransactionSize(
  items: readonly { readonly before: StoredItem | undefined; readonly after: StoredItem | undefined }[],
): void {
  const characters = items.reduce((sum, { before, after }) => sum + ((after ?? before)?.text.length ?? 0), 0);
  if (characters * 3 <= SIZE_LIMIT_BYTES) return;
  const sizeBytes = items.reduce(
    (sum, { before, after }) => sum + Buffer.byteLength((after ?? before)?.text ?? ''),
    0,
  );
  if (sizeBytes > SIZE_LIMIT_BYTES) throw new RefusedError('writes', 'must have at most 4 MB together');
}
