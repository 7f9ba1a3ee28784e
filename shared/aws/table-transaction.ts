import type { TransactionCanceledException, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Item, TransactResult, TransactWrite } from '#shared/capabilities/table.ts';
import { ConflictError, RefusedError, ThrottledError } from '#shared/errors/errors.ts';
import { conditionExpression, Placeholders, updateExpression } from './table-expressions.ts';
import { itemOfWire, wireItem } from './wire-item.ts';

/** One write of a transaction as DynamoDB takes it: the item that fails a condition comes back with the reason. */
export function transactItem(table: string, write: TransactWrite): TransactWriteItem {
  const placeholders = new Placeholders();
  const condition = conditionExpression(write.when, placeholders);
  const change = 'update' in write ? updateExpression(write, placeholders) : undefined;
  const request = {
    TableName: table,
    ...(condition !== undefined && { ConditionExpression: condition }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    ...placeholders.parts(),
  };
  if ('put' in write) return { Put: { ...request, Item: wireItem(write.put) } };
  if ('delete' in write) return { Delete: { ...request, Key: wireItem({ ...write.delete }) } };
  if ('check' in write)
    return {
      ConditionCheck: { ...request, ConditionExpression: condition, Key: wireItem({ ...write.check }) },
    };
  if (change === undefined)
    throw new RefusedError('update', 'must change something: a transaction takes no empty update');
  return { Update: { ...request, UpdateExpression: change, Key: wireItem({ ...write.update }) } };
}

/**
 * What a cancelled transaction means: failed conditions are a result, with the items that were found; all else throws.
 * A conflict or a throttle beside a failed condition hides whether the others would hold, so it comes first.
 */
export function cancelled(error: TransactionCanceledException): TransactResult {
  const reasons = error.CancellationReasons ?? [];
  const failed: { index: number; item?: Item }[] = [];
  for (const [index, { Code = 'None', Message = '', Item: found }] of reasons.entries()) {
    if (Code === 'ValidationError' || Code === 'ItemCollectionSizeLimitExceeded')
      throw new RefusedError(`writes.${index}`, Message.slice(0, 300));
    if (Code === 'TransactionConflict')
      throw new ConflictError(`writes.${index}: ${Message}`, { cause: error });
    if (Code === 'ThrottlingError' || Code === 'ProvisionedThroughputExceeded')
      throw new ThrottledError(`writes.${index}: ${Message}`, { cause: error });
    if (Code === 'ConditionalCheckFailed')
      failed.push({ index, ...(found !== undefined && { item: itemOfWire(found) }) });
  }
  if (failed.length === 0) throw error;
  return { outcome: 'refused', failed };
}
