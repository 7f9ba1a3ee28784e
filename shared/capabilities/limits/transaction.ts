import { RefusedError } from '#shared/errors/errors.ts';
import type { Key } from '../table.ts';

/** DynamoDB TransactWriteItems: at most 100 writes. */
export const TRANSACTION_WRITES_LIMIT = 100;
/** DynamoDB: ClientRequestToken has 1 to 36 characters. */
const TOKEN_LIMIT = 36;

/** Throws `RefusedError` unless a transaction has 1 to 100 writes. */
export function checkTransactionLength(count: number): void {
  if (count < 1 || count > TRANSACTION_WRITES_LIMIT)
    throw new RefusedError('writes', `must be 1 to ${TRANSACTION_WRITES_LIMIT}`);
}

/** Throws `RefusedError` when one call names an item twice. */
export function checkDistinct(keys: readonly Key[]): void {
  const seen = new Set(keys.map(({ pk, sk }) => `${pk.length}:${pk}${sk}`));
  if (seen.size < keys.length) throw new RefusedError('writes', 'must be on distinct items');
}

/** Throws `RefusedError` unless a transaction token has 1 to 36 characters. */
export function checkToken(token: string): void {
  if (token.length === 0 || token.length > TOKEN_LIMIT) {
    throw new RefusedError('token', `must have 1 to ${TOKEN_LIMIT} characters`);
  }
}
