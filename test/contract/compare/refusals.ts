import type { JsonSchema } from './json-schema.ts';
import { refusalsOfValue } from './value-refusals.ts';

/** Something that the one side may say and the other does not take. */
export interface Refusal {
  /** The field, `events[].state`; empty for the whole message. */
  readonly at: string;
  readonly rule: string;
}

/**
 * Why a message that `from` describes may be refused by `to`; none means that it never is, as long as its sender uses no
 * keys that `from` does not declare. Where that cannot be told (patterns, formats that differ) it counts as a refusal.
 */
export function refusals(from: JsonSchema, to: JsonSchema, at = ''): readonly Refusal[] {
  const variants = variantsOf(from);
  if (variants.length !== 1 || variants[0] !== from)
    return variants.flatMap((one) => refusals(one, to, variantAt(at, one)));
  const targets = unions(to);
  if (targets !== undefined) return fewest(targets.map((one) => refusals(from, one, at)));
  if (from.not !== undefined) return [];
  if ('const' in from) return refusalsOfValue(from.const, to, at);
  if ('const' in to || to.enum !== undefined)
    return [{ at, rule: `takes only ${JSON.stringify(to.enum ?? [to.const])}` }];
  if (to.not !== undefined) return [{ at, rule: 'takes nothing' }];
  if (!isWithinType(from.type, to.type)) return [{ at, rule: `must be ${to.type}` }];
  return [
    ...newRules(from, to, at),
    ...narrowed(from, to, at),
    ...(from.type === 'array' ? ofItems(from, to, at) : []),
    ...(from.type === 'object' ? ofObject(from, to, at) : []),
  ];
}

/** The alternatives of a schema, flattened; an enumeration is one alternative for each of its values. */
export function variantsOf(schema: JsonSchema): readonly JsonSchema[] {
  if (schema.enum !== undefined) return schema.enum.map((value) => ({ const: value }));
  return unions(schema)?.flatMap(variantsOf) ?? [schema];
}

/** Where a variant of a union is: marked with the value that tells it from the others, where it has one. */
export function variantAt(at: string, { properties = {} }: JsonSchema): string {
  const marks = Object.entries(properties).filter(
    ([name, property]) => name !== 'v' && property.const !== undefined,
  );
  const [mark] = marks;
  return mark === undefined ? at : `${at}(${mark[0]}=${String(mark[1].const)})`;
}

/** The field `name` of what is at `at`. */
export const fieldAt = (at: string, name: string): string => (at === '' ? name : `${at}.${name}`);

function unions({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] | undefined {
  return anyOf ?? oneOf;
}

function fewest(all: readonly (readonly Refusal[])[]): readonly Refusal[] {
  return all.reduce((least, one) => (one.length < least.length ? one : least));
}

function isWithinType(from: string | undefined, to: string | undefined): boolean {
  return to === undefined || from === to || (from === 'integer' && to === 'number');
}

function newRules(from: JsonSchema, to: JsonSchema, at: string): Refusal[] {
  const known = new Set(from['x-rules']);
  return (to['x-rules'] ?? []).filter((rule) => !known.has(rule)).map((rule) => ({ at, rule }));
}

const LEAST = ['minLength', 'minItems', 'minimum', 'exclusiveMinimum'] as const;
const MOST = ['maxLength', 'maxItems', 'maximum', 'exclusiveMaximum'] as const;
const SAME = ['pattern', 'format', 'contentEncoding'] as const;

function narrowed(from: JsonSchema, to: JsonSchema, at: string): Refusal[] {
  const tighter = [
    ...LEAST.filter((bound) => (to[bound] ?? -Infinity) > (from[bound] ?? -Infinity)),
    ...MOST.filter((bound) => (to[bound] ?? Infinity) < (from[bound] ?? Infinity)),
  ].map((bound) => ({ at, rule: `has ${bound} ${to[bound]}` }));
  const other = SAME.filter((keyword) => to[keyword] !== undefined && to[keyword] !== from[keyword]);
  return [...tighter, ...other.map((keyword) => ({ at, rule: `must have the ${keyword} ${to[keyword]}` }))];
}

function ofItems(from: JsonSchema, to: JsonSchema, at: string): readonly Refusal[] {
  return to.items === undefined ? [] : refusals(from.items ?? {}, to.items, `${at}[]`);
}

function ofObject(from: JsonSchema, to: JsonSchema, at: string): Refusal[] {
  const { properties: taken = {}, required = [] } = to;
  const said = from.properties ?? {};
  const missing = required
    .filter((name) => !from.required?.includes(name))
    .map((name) => ({ at: fieldAt(at, name), rule: 'must be there' }));
  const ofEach = Object.entries(said).flatMap(([name, property]) => {
    const target = taken[name] ?? othersOf(to);
    if (target === undefined) return [{ at: fieldAt(at, name), rule: 'is not a known field' }];
    const unnamed = to.propertyNames === undefined ? [] : refusalsOfValue(name, to.propertyNames, at);
    return [...unnamed, ...refusals(property, target, fieldAt(at, name))];
  });
  return [...missing, ...ofEach, ...ofOthers(from, to, at)];
}

/** Keys that are not declared by name: any keys of a record, or what an open object lets pass. */
function ofOthers(from: JsonSchema, to: JsonSchema, at: string): readonly Refusal[] {
  if (from.additionalProperties === false) return [];
  const others = othersOf(to);
  if (others === undefined) return [{ at, rule: 'ignores no unknown fields' }];
  if (from.additionalProperties === undefined || from.additionalProperties === true) return [];
  const record = from.additionalProperties;
  const names = to.propertyNames ?? {};
  const named = Object.entries(to.properties ?? {}).filter(([name]) => !(name in (from.properties ?? {})));
  return [
    ...refusals(from.propertyNames ?? { type: 'string' }, names, at),
    ...refusals(record, others, `${at}{}`),
    ...named.flatMap(([name, property]) => refusals(record, property, fieldAt(at, name))),
  ];
}

/** What a key that is not declared must hold; `undefined` where there must be none. */
function othersOf({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  if (additionalProperties === false) return undefined;
  return additionalProperties === undefined || additionalProperties === true ? {} : additionalProperties;
}
