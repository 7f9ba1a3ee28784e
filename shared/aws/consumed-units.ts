import type { DynamoDBClient, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-dynamodb';
import type { InstanceMeter } from '#shared/metering/instance-meter.ts';

const READS: ReadonlySet<unknown> = new Set(['GetItemCommand', 'BatchGetItemCommand', 'QueryCommand']);
/** Prepare and commit. */
const TRANSACTION = 2;

/**
 * Has DynamoDB tell what each request consumed, indexes and transactions included, and counts it. What it refuses by a
 * condition is billed too and not told: it counts as items of 1 KB. Once for a client, however often it is called.
 */
export function countConsumed(client: DynamoDBClient, bill: InstanceMeter['bill']): DynamoDBClient {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const unit = READS.has(commandName) ? 'tableReadUnits' : 'tableWriteUnits';
        const request = { ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } };
        try {
          const answer = await next(request);
          bill(unit, consumedBy(answer.output));
          return answer;
        } catch (error) {
          bill(unit, refusedBy(error, args.input));
          throw error;
        }
      },
    { step: 'initialize', name: 'countConsumed', override: true },
  );
  return client;
}

function consumedBy(answer: ServiceOutputTypes): number {
  const { ConsumedCapacity = [] } = 'ConsumedCapacity' in answer ? answer : {};
  let units = 0;
  for (const one of [ConsumedCapacity].flat()) if ('CapacityUnits' in one) units += one.CapacityUnits ?? 0;
  return units;
}

function refusedBy(error: unknown, request: ServiceInputTypes): number {
  if (!(error instanceof Error)) return 0;
  const { TransactItems = [] } = 'TransactItems' in request ? request : {};
  if (error.name === 'TransactionCanceledException') return TransactItems.length * TRANSACTION;
  return error.name === 'ConditionalCheckFailedException' ? 1 : 0;
}
