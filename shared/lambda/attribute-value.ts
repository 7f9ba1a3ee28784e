import type { Item, Value } from '#shared/capabilities/table.ts';

/** A value as DynamoDB writes it on the wire and in its change streams. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: AttributeMap };
/** The attributes of an item by name. */
export type AttributeMap = { readonly [name: string]: AttributeValue };

/** An item in DynamoDB's wire form. */
export function marshallItem(item: Item): AttributeMap {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, marshall(value)]));
}

/** An item from DynamoDB's wire form; throws `TypeError` for types that no table here holds (binary, sets). */
export function unmarshallItem(map: AttributeMap): Item {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, unmarshall(value)]));
}

function marshall(value: Value): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (isList(value)) return { L: value.map(marshall) };
  return { M: marshallItem(value) };
}

function unmarshall(value: AttributeValue): Value {
  if ('S' in value) return value.S;
  if ('N' in value) return Number(value.N);
  if ('BOOL' in value) return value.BOOL;
  if ('NULL' in value) return null;
  if ('L' in value) return value.L.map(unmarshall);
  if ('M' in value) return unmarshallItem(value.M);
  throw new TypeError(`attribute type ${Object.keys(value).join()} is not in use here`);
}

function isList(value: readonly Value[] | { readonly [name: string]: Value }): value is readonly Value[] {
  return Array.isArray(value);
}
