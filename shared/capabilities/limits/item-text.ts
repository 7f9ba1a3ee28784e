// The global of that name is a getter, which costs as much as the call.
import { Buffer } from 'node:buffer';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Item, Key, Value } from '../table.ts';

/** DynamoDB: an item has at most 400 KB, names included. */
const ITEM_LIMIT_BYTES = 400 * 1024;
/** DynamoDB: values may be nested 32 deep, which its stand-ins take to include the innermost, so that 31 lists and maps remain. */
const DEPTH_LIMIT = 31;
/** DynamoDB: a number is 0, or at least 1e-130 and below 1e126 in magnitude. */
const NUMBER_LIMIT = 1e126;
const SMALLEST_NUMBER = 1e-130;

const PK_LIMIT_BYTES = 2_048;
const SK_LIMIT_BYTES = 1_024;

/** Throws `RefusedError` unless both parts of the key are strings of 1 to 2,048 (`pk`) and 1,024 (`sk`) bytes of UTF-8. */
export function checkKey(key: { readonly pk?: unknown; readonly sk?: unknown }): asserts key is Key {
  checkKeyText('pk', key.pk, PK_LIMIT_BYTES);
  checkKeyText('sk', key.sk, SK_LIMIT_BYTES);
}

/** The same for the key attributes of an index: limits as for the table's own, numbers within DynamoDB's range. */
export function checkIndexKey(
  attribute: string,
  value: Value,
  type: string,
  part: 'partition' | 'sort',
): void {
  if (typeof value !== type) throw new RefusedError(attribute, `must be a ${type}: it is a key of an index`);
  if (type === 'string')
    checkKeyText(attribute, value, part === 'partition' ? PK_LIMIT_BYTES : SK_LIMIT_BYTES);
}

function checkKeyText(field: string, text: unknown, limitBytes: number): void {
  if (typeof text !== 'string' || text.length === 0)
    throw new RefusedError(field, 'must be a string that is not empty');
  if (!text.isWellFormed()) throw new RefusedError(field, 'must be well-formed Unicode');
  if (!fits(text, limitBytes)) throw new RefusedError(field, `must be at most ${limitBytes} bytes`);
}

/** Throws `RefusedError` for what DynamoDB would not store: `undefined`, dates and bytes, NaN, numbers too large or small. */
export function checkValue(attribute: string, value: unknown, depth = 0): asserts value is Value {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      checkNumber(attribute, value);
      return;
    case 'object':
      if (value !== null) checkNested(attribute, value, depth + 1);
      return;
    default:
      throw new RefusedError(attribute, `must not hold ${typeof value}`);
  }
}

function checkNested(attribute: string, value: object, depth: number): void {
  if (depth > DEPTH_LIMIT)
    throw new RefusedError(attribute, `must not be nested more than ${DEPTH_LIMIT} deep`);
  if (Array.isArray(value)) {
    for (const element of value) checkValue(attribute, element, depth);
  } else if (Object.prototype.toString.call(value) === '[object Object]') {
    for (const member of Object.values(value)) checkValue(attribute, member, depth);
  } else throw new RefusedError(attribute, 'must hold plain objects and lists only');
}

/** Throws `RefusedError` for a number that DynamoDB cannot hold. */
export function checkNumber(attribute: string, value: number): void {
  const magnitude = Math.abs(value);
  if (!(magnitude < NUMBER_LIMIT) || (magnitude < SMALLEST_NUMBER && magnitude !== 0)) {
    throw new RefusedError(
      attribute,
      'must be a finite number of at least 1e-130 and below 1e126 in magnitude, or 0',
    );
  }
}

/** Throws `RefusedError` for a name that no attribute can have. */
export function checkAttributeName(name: string): void {
  if (name.length === 0 || name === '__proto__')
    throw new RefusedError('attribute', `cannot be called "${name}"`);
}

/** The item as it is stored. Throws `RefusedError` when it is over 400 KB by DynamoDB's own measure. */
export function textOf(item: Item): string {
  const text = JSON.stringify(item);
  // A UTF-16 unit is at most 3 bytes of UTF-8: most items are known to fit without being measured.
  if (text.length * 3 > ITEM_LIMIT_BYTES && itemBytes(item) > ITEM_LIMIT_BYTES) {
    throw new RefusedError('item', 'must be at most 400 KB');
  }
  return text;
}

/** The item of a text that `textOf` made. */
export function itemOf(text: string): Item {
  // Only `textOf` writes such texts, so that they need no parsing against a schema each time one is read.
  return JSON.parse(text) as Item;
}

/** What DynamoDB counts for an item: names and strings in UTF-8, numbers by their digits, 3 bytes and 1 per entry for nesting. */
export function itemBytes(item: Item): number {
  let bytes = 0;
  // What stands under a name of its own is there; so below.
  for (const name in item) bytes += Buffer.byteLength(name) + valueBytes(item[name] as Value);
  return bytes;
}

function valueBytes(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(digitsOf(value) / 2) + 1;
  if (typeof value === 'boolean' || value === null) return 1;
  let bytes = 3;
  if (isList(value)) {
    for (const element of value) bytes += 1 + valueBytes(element);
    return bytes;
  }
  for (const name in value) bytes += 1 + Buffer.byteLength(name) + valueBytes(value[name] as Value);
  return bytes;
}

function digitsOf(value: number): number {
  const text = String(value);
  if (Number.isSafeInteger(value)) return value < 0 ? text.length - 1 : text.length;
  return text.replace(/\D/g, '').length;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether `text` has at most `limitBytes` bytes in UTF-8; measured only where its length leaves a doubt. */
export function fits(text: string, limitBytes: number): boolean {
  return text.length * 3 <= limitBytes || Buffer.byteLength(text) <= limitBytes;
}
