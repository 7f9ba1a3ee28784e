import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Write, WriteResult } from '#shared/capabilities/table.ts';
import { ThrottledError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { calling } from './aws-error.ts';
import { onFreshConnections } from './fresh-connections.ts';
import { conditionExpression, Placeholders, updateExpression } from './table-expressions.ts';
import { tryAgain } from './try-again.ts';
import { itemOfWire, wireItem } from './wire-item.ts';

/** Where items are written to. */
export interface ItemTarget {
  /** For whatever may be repeated; the SDK retries throttles, failures and lost answers. */
  readonly client: DynamoDBClient;
  /** Without retries: a conditional or adding write that is repeated after a lost answer would be refused, or add twice. */
  readonly onceClient: DynamoDBClient;
  readonly name: string;
  readonly world: World;
}

/**
 * Makes one write. What must not be made twice is repeated only when DynamoDB says that it did nothing, which a throttle
 * says; a lost answer is thrown as `UnknownOutcomeError`, and the caller knows what a repeat would mean.
 */
export async function writeItem(target: ItemTarget, write: Write): Promise<WriteResult> {
  const { client, onceClient, name, world } = target;
  if (isRepeatable(write)) return sendWrite(client, name, write);
  const didNothing = (error: unknown) => error instanceof ThrottledError;
  return tryAgain(world, didNothing, () => sendWrite(onFreshConnections(onceClient, world), name, write));
}

/** Whether making it twice is as good as once. */
function isRepeatable(write: Write): boolean {
  const isConditional = write.when !== undefined && write.when.length > 0;
  return !isConditional && !('update' in write && write.add !== undefined);
}

function sendWrite(client: DynamoDBClient, name: string, write: Write): Promise<WriteResult> {
  const action = 'put' in write ? 'PutItem' : 'update' in write ? 'UpdateItem' : 'DeleteItem';
  return calling(`dynamodb:${action}`, name, async () => {
    try {
      return await send(client, name, write);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { Item } = error;
      return {
        outcome: 'refused',
        ...(Item !== undefined && { item: itemOfWire(Item) }),
      };
    }
  });
}

async function send(client: DynamoDBClient, name: string, write: Write): Promise<WriteResult> {
  const placeholders = new Placeholders();
  const condition = conditionExpression(write.when, placeholders);
  const change = 'update' in write ? updateExpression(write, placeholders) : undefined;
  const request = {
    TableName: name,
    ...(condition !== undefined && { ConditionExpression: condition }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    ...placeholders.parts(),
  };
  if ('put' in write) {
    await client.send(new PutItemCommand({ ...request, Item: wireItem(write.put) }));
    return { outcome: 'written', item: write.put };
  }
  if ('delete' in write) {
    await client.send(new DeleteItemCommand({ ...request, Key: wireItem({ ...write.delete }) }));
    return { outcome: 'written' };
  }
  const { Attributes } = await client.send(
    new UpdateItemCommand({
      ...request,
      Key: wireItem({ ...write.update }),
      ...(change !== undefined && { UpdateExpression: change }),
      ReturnValues: 'ALL_NEW',
    }),
  );
  return {
    outcome: 'written',
    ...(Attributes !== undefined && { item: itemOfWire(Attributes) }),
  };
}
