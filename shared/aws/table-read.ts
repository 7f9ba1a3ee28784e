import { BatchGetItemCommand, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { checkKey } from '#shared/capabilities/limits/item-text.ts';
import type { Item, Key } from '#shared/capabilities/table.ts';
import { ThrottledError } from '#shared/errors/errors.ts';
import { pause, type World } from '#shared/world/world.ts';
import { calling } from './aws-error.ts';
import { itemOfWire, wireItem } from './wire-item.ts';

/** BatchGetItem takes 100 keys. */
const KEYS_PER_REQUEST = 100;
/** BatchGetItem answers 16 MB at most and leaves the rest unprocessed; a throttled table leaves all of it. */
const BATCH_GET_TRIES = 8;
const FIRST_PAUSE_MS = 25;

/** Where items are read from. */
export interface ItemSource {
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly world: World;
}

/** Items by key, in the order asked, `undefined` where there is none; throws `RefusedError` for what is no key. */
export async function readItems(
  source: ItemSource,
  keys: readonly Key[],
  consistent: boolean,
): Promise<(Item | undefined)[]> {
  keys.forEach(checkKey);
  const [only, ...more] = keys;
  if (only !== undefined && more.length === 0) return [await readOne(source, only, consistent)];
  // One request must not name a key twice; the caller may.
  const distinct = new Map(keys.map(({ pk, sk }) => [textOfKey({ pk, sk }), { pk, sk }]));
  const found = new Map<string, Item>();
  const left = [...distinct.values()];
  while (left.length > 0) {
    for (const item of await readBatch(source, left.splice(0, KEYS_PER_REQUEST), consistent))
      found.set(textOfKey(item), item);
  }
  return keys.map((key) => found.get(textOfKey(key)));
}

async function readOne(
  { client, name }: ItemSource,
  { pk, sk }: Key,
  consistent: boolean,
): Promise<Item | undefined> {
  const request = new GetItemCommand({
    TableName: name,
    Key: wireItem({ pk, sk }),
    ConsistentRead: consistent,
  });
  const { Item } = await calling('dynamodb:GetItem', name, () => client.send(request));
  return Item && itemOfWire(Item);
}

async function readBatch(
  { client, name, world }: ItemSource,
  keys: readonly Key[],
  consistent: boolean,
): Promise<Item[]> {
  const found: Item[] = [];
  let Keys = keys.map(({ pk, sk }) => wireItem({ pk, sk }));
  for (let attempt = 1; Keys.length > 0; attempt += 1) {
    const request = new BatchGetItemCommand({
      RequestItems: { [name]: { Keys, ConsistentRead: consistent } },
    });
    const answer = await calling('dynamodb:BatchGetItem', name, () => client.send(request));
    const items = answer.Responses?.[name] ?? [];
    found.push(...items.map(itemOfWire));
    Keys = answer.UnprocessedKeys?.[name]?.Keys ?? [];
    if (Keys.length === 0) break;
    if (attempt === BATCH_GET_TRIES) throw new ThrottledError(`${name} left ${Keys.length} keys unread`);
    // Full jitter: what was throttled together must not come back together.
    if (items.length === 0) await pause(world, world.random() * FIRST_PAUSE_MS * 2 ** attempt);
  }
  return found;
}

const textOfKey = ({ pk, sk }: { readonly pk?: unknown; readonly sk?: unknown }): string =>
  JSON.stringify([pk, sk]);
