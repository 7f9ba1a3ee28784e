import type { TransactionCanceledException, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { TransactResult, TransactWrite } from '#shared/capabilities/table.ts';
import { ConflictError, RefusedError, ThrottledError } from '#shared/errors/errors.ts';
import { type AttributeMap, marshallItem, unmarshallItem } from '#shared/lambda/attribute-value.ts';
import { conditionExpression, Placeholders, updateExpression } from './table-expressions.ts';

/** One write of a transaction as DynamoDB takes it: the item that fails a condition comes back with the reason. */
export function transactItem(table: string, write: TransactWrite): TransactWriteItem {
  const placeholders = new Placeholders();
  const condition = conditionExpression(write.when, placeholders);
  const change = 'update' in write ? updateExpression(write, placeholders) : undefined;
  const request = {
    TableName: table,
    ...(condition !== undefined && { ConditionExpression: condition }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    ...placeholders.parts(),
  };
  // The SDK's types want mutable maps of their own union; the wire form is the same.
  if ('put' in write) return { Put: { ...request, Item: marshallItem(write.put) } } as TransactWriteItem;
  if ('delete' in write)
    return { Delete: { ...request, Key: marshallItem({ ...write.delete }) } } as TransactWriteItem;
  if ('check' in write)
    return { ConditionCheck: { ...request, Key: marshallItem({ ...write.check }) } } as TransactWriteItem;
  if (change === undefined)
    throw new RefusedError('update', 'must change something: a transaction takes no empty update');
  return {
    Update: { ...request, UpdateExpression: change, Key: marshallItem({ ...write.update }) },
  } as TransactWriteItem;
}

/**
 * What a cancelled transaction means: failed conditions are a result, with the items that were found; all else throws.
 * A conflict or a throttle beside a failed condition hides whether the others would hold, so it comes first.
 */
export function cancelled(error: TransactionCanceledException): TransactResult {
  const reasons = error.CancellationReasons ?? [];
  const failed: { index: number; item?: ReturnType<typeof unmarshallItem> }[] = [];
  for (const [index, { Code = 'None', Message = '', Item }] of reasons.entries()) {
    if (Code === 'ValidationError' || Code === 'ItemCollectionSizeLimitExceeded')
      throw new RefusedError(`writes.${index}`, Message.slice(0, 300));
    if (Code === 'TransactionConflict')
      throw new ConflictError(`writes.${index}: ${Message}`, { cause: error });
    if (Code === 'ThrottlingError' || Code === 'ProvisionedThroughputExceeded')
      throw new ThrottledError(`writes.${index}: ${Message}`, { cause: error });
    if (Code === 'ConditionalCheckFailed')
      failed.push({ index, ...(Item !== undefined && { item: unmarshallItem(Item as AttributeMap) }) });
  }
  if (failed.length === 0) throw error;
  return { outcome: 'refused', failed };
}
