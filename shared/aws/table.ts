import {
  BatchWriteItemCommand,
  DynamoDBClient,
  IdempotentParameterMismatchException,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { checkIndexKey } from '#shared/capabilities/limits/item-text.ts';
import {
  checkDistinct,
  checkToken,
  checkTransactionLength,
} from '#shared/capabilities/limits/transaction.ts';
import { checkWrite } from '#shared/capabilities/limits/write-plan.ts';
import type {
  Item,
  Key,
  Page,
  Query,
  Table,
  TransactResult,
  TransactWrite,
  Write,
  WriteResult,
} from '#shared/capabilities/table.ts';
import { ConfigurationError, RefusedError, ThrottledError } from '#shared/errors/errors.ts';
import { calling } from './aws-error.ts';
import { CLIENT_SETTINGS, ONCE_SETTINGS } from './client-settings.ts';
import { countConsumed } from './consumed-units.ts';
import { type RangeKeys, readIndexKeys, TABLE_KEYS } from './table-keys.ts';
import { planQuery } from './table-query.ts';
import { readItems } from './table-read.ts';
import { cancelled, transactItem } from './table-transaction.ts';
import { type ItemTarget, writeItem } from './table-write.ts';
import { tryAgain } from './try-again.ts';
import { itemOfWire, wireItem } from './wire-item.ts';

/** BatchWriteItem takes 25 items. */
const ITEMS_PER_REQUEST = 25;

/** What a DynamoDB table is reached by. */
export interface DynamoTableParts extends ItemTarget {
  readonly indexes: ReadonlyMap<string, RangeKeys>;
}

const newClient = () => new DynamoDBClient(CLIENT_SETTINGS);
const newOnceClient = () => new DynamoDBClient(ONCE_SETTINGS);

/**
 * The table that the variable names. The keys of the indexes that are `queried` stand in `<variable>_INDEXES`; throws
 * `ConfigurationError` naming it where it is missing, or says nothing of one of them.
 */
export function open(
  { resource, variable, setting, share, world, bill }: AwsSource,
  queried: readonly string[],
): Table {
  const declared = `${variable}_INDEXES`;
  const indexes = queried.length === 0 ? new Map() : readIndexKeys(declared, setting(declared));
  const unknown = queried.find((name) => !indexes.has(name));
  if (unknown !== undefined) throw new ConfigurationError(`${declared} does not tell the keys of ${unknown}`);
  const shared = (make: () => DynamoDBClient) =>
    bill === undefined ? share(make) : countConsumed(share(make), bill);
  return new DynamoTable({
    client: shared(newClient),
    onceClient: shared(newOnceClient),
    name: resource,
    indexes,
    world,
  });
}

/** `Table` on DynamoDB. Everything that DynamoDB would accept by mistake is refused before it is sent. */
export class DynamoTable implements Table {
  readonly #parts: DynamoTableParts;

  constructor(parts: DynamoTableParts) {
    this.#parts = parts;
  }

  get(keys: readonly Key[], { consistent }: { readonly consistent: boolean }): Promise<(Item | undefined)[]> {
    return readItems(this.#parts, keys, consistent);
  }

  async query(query: Query): Promise<Page> {
    const { client, name, indexes } = this.#parts;
    const keys = query.index === undefined ? TABLE_KEYS : indexes.get(query.index);
    if (keys === undefined)
      throw new RefusedError('index', `${query.index} is not declared for this function`);
    const { input, cursorAfter } = planQuery(name, query, keys);
    if (input === undefined) return { items: [] };
    const { Items = [], LastEvaluatedKey } = await calling('dynamodb:Query', name, () =>
      client.send(new QueryCommand(input)),
    );
    const items = Items.map(itemOfWire);
    if (LastEvaluatedKey === undefined) return { items };
    return { items, cursor: cursorAfter(itemOfWire(LastEvaluatedKey)) };
  }

  async putAll(items: readonly Item[]): Promise<{ readonly unprocessed: readonly Item[] }> {
    const { client, name } = this.#parts;
    checkDistinct(items.map((item) => this.#check({ put: item })));
    const unprocessed: Item[] = [];
    for (let at = 0; at < items.length; at += ITEMS_PER_REQUEST) {
      const requests = items
        .slice(at, at + ITEMS_PER_REQUEST)
        .map((item) => ({ PutRequest: { Item: wireItem(item) } }));
      const { UnprocessedItems } = await calling('dynamodb:BatchWriteItem', name, () =>
        client.send(new BatchWriteItemCommand({ RequestItems: { [name]: requests } })),
      );
      for (const { PutRequest } of UnprocessedItems?.[name] ?? [])
        if (PutRequest?.Item !== undefined) unprocessed.push(itemOfWire(PutRequest.Item));
    }
    return { unprocessed };
  }

  async write(write: Write): Promise<WriteResult> {
    this.#check(write);
    return writeItem(this.#parts, write);
  }

  async transact(
    writes: readonly TransactWrite[],
    { token }: { readonly token: string },
  ): Promise<TransactResult> {
    checkTransactionLength(writes.length);
    checkToken(token);
    checkDistinct(writes.map((write) => this.#check(write)));
    const { client, name, world } = this.#parts;
    const TransactItems = writes.map((write) => transactItem(name, write));
    const send = async (): Promise<TransactResult> => {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: token }));
        return { outcome: 'written' };
      } catch (error) {
        if (error instanceof TransactionCanceledException) return cancelled(error);
        if (error instanceof IdempotentParameterMismatchException)
          throw new RefusedError('token', 'was used for another transaction');
        throw error;
      }
    };
    // The SDK knows a throttle of the whole request, and has tried that again already; not one of an item, for which all is cancelled.
    const isOfItem = (error: unknown) => error instanceof ThrottledError;
    return calling('dynamodb:TransactWriteItems', name, () => tryAgain(world, isOfItem, send));
  }

  /** What DynamoDB would refuse of a write, as far as it can be known here: the keys of declared indexes among it. */
  #check(write: TransactWrite): Key {
    const key = checkWrite(write);
    const values = 'put' in write ? write.put : 'update' in write ? write.set : undefined;
    for (const { partition, sort } of this.#parts.indexes.values()) {
      for (const [part, { attribute, type }] of [
        ['partition', partition] as const,
        ['sort', sort] as const,
      ]) {
        const value = values?.[attribute];
        if (value !== undefined) checkIndexKey(attribute, value, type, part);
      }
    }
    return key;
  }
}
