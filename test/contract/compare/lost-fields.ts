import type { JsonSchema } from './json-schema.ts';
import { fieldAt, type Refusal, variantAt, variantsOf } from './refusals.ts';

/**
 * Fields that `old` declares and `today` does not: no parser refuses that, but what is said in them is not heard any more, or
 * who relies on them waits in vain.
 */
export function lostFields(old: JsonSchema, today: JsonSchema): Refusal[] {
  const left = new Set(fieldsOf(today));
  const lost = new Set(fieldsOf(old).filter((at) => !left.has(at)));
  // Fields of a field that is gone are gone with it.
  const isWithin = (at: string) =>
    [...lost].some((outer) => at !== outer && /^[.[{(]/.test(after(at, outer)));
  return [...lost].filter((at) => !isWithin(at)).map((at) => ({ at, rule: 'is gone' }));
}

function after(at: string, outer: string): string {
  return at.startsWith(outer) ? at.slice(outer.length) : '';
}

/** Every field that a schema declares: `events[].seq`, `components{}.version`, `(answer=granted).attempt`. */
export function fieldsOf(schema: JsonSchema, at = ''): string[] {
  const variants = variantsOf(schema);
  if (variants.length > 1) return variants.flatMap((one) => fieldsOf(one, variantAt(at, one)));
  const { properties = {}, items, additionalProperties } = schema;
  return [
    ...Object.entries(properties).flatMap(([name, property]) => [
      fieldAt(at, name),
      ...fieldsOf(property, fieldAt(at, name)),
    ]),
    ...(items === undefined ? [] : fieldsOf(items, `${at}[]`)),
    ...(typeof additionalProperties === 'object' ? fieldsOf(additionalProperties, `${at}{}`) : []),
  ];
}
