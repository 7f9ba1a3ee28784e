import type { JsonSchema } from './compare/json-schema.ts';
import { fieldAt, variantAt, variantsOf } from './compare/refusals.ts';

/** The fields of a schema that an example shows, spelt as `fieldsOf` spells those that the schema declares. */
export function shownFields(schema: JsonSchema, example: unknown, at = ''): string[] {
  const variants = variantsOf(schema);
  return variants
    .filter((variant) => isMeant(variant, example))
    .flatMap((variant) => shownIn(variant, example, variants.length > 1 ? variantAt(at, variant) : at));
}

function shownIn(schema: JsonSchema, example: unknown, at: string): string[] {
  const { properties = {}, items, additionalProperties } = schema;
  if (Array.isArray(example))
    return items === undefined ? [] : example.flatMap((one) => shownFields(items, one, `${at}[]`));
  if (typeof example !== 'object' || example === null) return [];
  return Object.entries(example).flatMap(([name, value]) => {
    const property = properties[name];
    if (property !== undefined)
      return [fieldAt(at, name), ...shownFields(property, value, fieldAt(at, name))];
    return typeof additionalProperties === 'object'
      ? shownFields(additionalProperties, value, `${at}{}`)
      : [];
  });
}

/** Whether a variant of a union is the one that this example is of: by type, and by the fields that tell variants apart. */
function isMeant({ type, properties = {} }: JsonSchema, example: unknown): boolean {
  if (type === 'array') return Array.isArray(example);
  if (type !== 'object') return true;
  return Object.entries(properties).every(
    ([name, property]) => property.const === undefined || Object(example)[name] === property.const,
  );
}
