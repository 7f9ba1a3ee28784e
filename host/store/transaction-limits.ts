import { RefusedError } from '#shared/errors/errors.ts';
import type { StoredItem } from './stored-item.ts';

/** DynamoDB TransactWriteItems: at most 4 MB. */
const SIZE_LIMIT_BYTES = 4 * 1024 * 1024;

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
