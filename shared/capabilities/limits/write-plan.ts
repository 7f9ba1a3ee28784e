import { RefusedError } from '#shared/errors/errors.ts';
import { keyOf } from '../key-of.ts';
import type { Item, Key, TransactWrite, UpdateWrite, Value } from '../table.ts';
import { checkConditions } from './conditions.ts';
import { checkAttributeName, checkKey, checkNumber, checkValue } from './item-text.ts';

const KEY_ATTRIBUTES = ['pk', 'sk'] as const;
/** DynamoDB: an expression has at most 4 KB, and at most 300 operators; so many changes with placeholders are some 3.6 KB. */
export const CHANGES_LIMIT = 250;

/** Throws `RefusedError` for a write that DynamoDB would not take whatever the item; answers the key that it writes. */
export function checkWrite(write: TransactWrite): Key {
  checkConditions(write.when);
  const key: Partial<Record<keyof Key, unknown>> = keyOf(write);
  checkKey(key);
  if ('put' in write) checkPut(write.put);
  else if ('update' in write) checkUpdate(write);
  else if ('check' in write && write.when.length === 0)
    throw new RefusedError('when', 'a check needs a condition');
  return key;
}

function checkPut(item: Item): void {
  for (const name in item) {
    checkAttributeName(name);
    checkValue(name, item[name]);
  }
}

function checkUpdate(write: UpdateWrite): void {
  const claimed = new Set<string>(KEY_ATTRIBUTES);
  const claim = (name: string) => {
    checkAttributeName(name);
    if (claimed.has(name)) throw new RefusedError(name, 'is part of the key, or changed twice in one update');
    claimed.add(name);
  };
  for (const name in write.set) {
    claim(name);
    checkValue(name, write.set[name]);
  }
  for (const name in write.add) {
    claim(name);
    const amount = write.add[name];
    if (typeof amount !== 'number') throw new RefusedError(name, 'only a number can be added');
    checkNumber(name, amount);
  }
  for (const name of write.remove ?? []) claim(name);
  if (claimed.size - KEY_ATTRIBUTES.length > CHANGES_LIMIT)
    throw new RefusedError('update', `must change at most ${CHANGES_LIMIT} attributes`);
}

/**
 * The item after a checked write whose conditions hold: `undefined` when there is none. Throws `RefusedError` when a
 * number is to be added to what is none.
 */
export function itemAfter(write: TransactWrite, before: Item | undefined): Item | undefined {
  if ('put' in write) return write.put;
  if ('update' in write) return afterUpdate(write, before);
  return 'delete' in write ? undefined : before;
}

function afterUpdate(write: UpdateWrite, before: Item | undefined): Item {
  const after: Record<string, Value> = {
    ...(before ?? { pk: write.update.pk, sk: write.update.sk }),
    ...write.set,
  };
  for (const name in write.add) {
    const held = Object.hasOwn(after, name) ? after[name] : 0;
    if (typeof held !== 'number') throw new RefusedError(name, 'a number can be added to a number only');
    const sum = held + (write.add[name] ?? 0);
    checkNumber(name, sum);
    after[name] = sum;
  }
  for (const name of write.remove ?? []) delete after[name];
  return after;
}
