import type { PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Item } from '#shared/capabilities/table.ts';
import { type AttributeMap, marshallItem, unmarshallItem } from '#shared/lambda/attribute-value.ts';

/** An item under the SDK's type: mutable, and open to types of attributes that later versions of DynamoDB may have. */
export type SdkItem = NonNullable<PutItemCommandInput['Item']>;

/** An item in the wire form, as a request takes it. */
export function wireItem(item: Item): SdkItem {
  // The same form: only the SDK's type wants to be mutable.
  return marshallItem(item) as SdkItem;
}

/** The item of an answer. Throws `TypeError` for types of attributes that no table here holds. */
export function itemOfWire(item: SdkItem): Item {
  // The SDK's type also has binary, sets and the unknown, which `unmarshallItem` refuses.
  return unmarshallItem(item as AttributeMap);
}
