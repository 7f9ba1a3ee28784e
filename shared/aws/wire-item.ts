import type { PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Item } from '#shared/capabilities/table.ts';
import { marshallItem } from '#shared/lambda/attribute-value.ts';

/** The wire form under the SDK's type, which is the same but for being mutable. */
export function wireItem(item: Item) {
  return marshallItem(item) as NonNullable<PutItemCommandInput['Item']>;
}
