import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { type CursorScope, cursorAt, positionOf } from '#shared/capabilities/limits/cursor.ts';
import { checkBound, isInRange, rangeOf } from '#shared/capabilities/limits/key-range.ts';
import type { Item, Query } from '#shared/capabilities/table.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { Placeholders } from './table-expressions.ts';
import { type RangeKeys, TABLE_KEYS } from './table-keys.ts';
import { type SdkItem, wireItem } from './wire-item.ts';

/** A query of one table or index: the request to send, and how its cursors are made. */
export interface PlannedQuery {
  /** Absent when no key can be between the bounds, which DynamoDB refuses to look for. */
  readonly input?: QueryCommandInput;
  cursorAfter(last: Item): string;
}

/** Plans a query over `keys`. Throws `RefusedError` for one that DynamoDB would not take, and for a foreign cursor. */
export function planQuery(table: string, query: Query, keys: RangeKeys): PlannedQuery {
  const { index, partition, limit, cursor, descending = false, consistent = false } = query;
  if (!Number.isInteger(limit) || limit < 1)
    throw new RefusedError('limit', 'must be a whole number of at least 1');
  if (index !== undefined && consistent) throw new RefusedError('consistent', 'is not for an index');
  checkBound('partition', partition, keys.partition.type);
  const range = rangeOf(query, keys.sort.type);
  const scope: CursorScope = { table, index, partition };
  // Within an index several items share a key: the table's own key tells them apart.
  const position = index === undefined ? [keys.sort] : [keys.sort, TABLE_KEYS.partition, TABLE_KEYS.sort];
  // Every attribute of a position is a key of the table or of the index, and those are texts or numbers.
  const cursorAfter = (last: Item) =>
    cursorAt(
      scope,
      position.map(({ attribute }) => last[attribute] as string | number),
    );
  const after = cursor === undefined ? undefined : positionOf(cursor, scope, typesOf(position));
  if (after?.[0] !== undefined && !isInRange(range, after[0]))
    throw new RefusedError('cursor', 'lies outside of the range asked for');
  if (range.from !== undefined && !isInRange({ ...(range.to !== undefined && { to: range.to }) }, range.from))
    return { cursorAfter };

  const placeholders = new Placeholders();
  const condition = [
    `${placeholders.name(keys.partition.attribute)} = ${placeholders.value(partition)}`,
    ...sortCondition(query, keys, placeholders),
  ].join(' AND ');
  return {
    cursorAfter,
    input: {
      TableName: table,
      ...(index !== undefined && { IndexName: index }),
      KeyConditionExpression: condition,
      ...placeholders.parts(),
      Limit: Math.min(limit, MOST_ITEMS),
      ScanIndexForward: !descending,
      ConsistentRead: consistent,
      ...(after !== undefined && { ExclusiveStartKey: startKey(query, keys, position, after) }),
    },
  };
}

/** A page has 1 MB at most, so that more than these never come; DynamoDB takes 32 bits. */
const MOST_ITEMS = 1_000_000;

const typesOf = (position: readonly { readonly type: 'string' | 'number' }[]) =>
  position.map(({ type }) => type);

/** At most one condition on the sort key, as DynamoDB has it. */
function sortCondition(query: Query, keys: RangeKeys, placeholders: Placeholders): string[] {
  const { from, to, prefix } = query;
  if (from === undefined && to === undefined && prefix === undefined) return [];
  const name = placeholders.name(keys.sort.attribute);
  if (prefix !== undefined) return [`begins_with(${name}, ${placeholders.value(prefix)})`];
  if (from !== undefined && to !== undefined)
    return [`${name} BETWEEN ${placeholders.value(from)} AND ${placeholders.value(to)}`];
  if (from !== undefined) return [`${name} >= ${placeholders.value(from)}`];
  return to === undefined ? [] : [`${name} <= ${placeholders.value(to)}`];
}

function startKey(
  { partition }: Query,
  keys: RangeKeys,
  position: readonly { readonly attribute: string }[],
  after: readonly (string | number)[],
): SdkItem {
  const cells = position.map(({ attribute }, at) => [attribute, after[at] ?? ''] as const);
  return wireItem({ [keys.partition.attribute]: partition, ...Object.fromEntries(cells) });
}
