import * as z from 'zod';

/** The part of JSON Schema (2020-12) that zod makes of our contracts, and what it cannot say: the rules of refinements. */
export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  readonly pattern?: string;
  readonly format?: string;
  readonly contentEncoding?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  /** What an input that is left out is taken as; says nothing of what is accepted. */
  readonly default?: unknown;
  readonly description?: string;
  /** The sentences of refinements (`must hold at most 16 components`), sorted: all that can be compared of them. */
  readonly 'x-rules'?: readonly string[];
}

/** Every keyword above: what has another cannot be compared, and so is refused. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['type', 'const', 'enum', 'anyOf', 'oneOf', 'not', 'pattern', 'format', 'contentEncoding'],
  ...['minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['items', 'minItems', 'maxItems', 'properties', 'required', 'propertyNames', 'additionalProperties'],
  ...['default', 'description', 'x-rules'],
]);

/** What a schema takes from the wire. Throws for a refinement without a sentence and for keywords that nothing here compares. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...made } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const rules = rulesOf(zodSchema);
      if (rules.length > 0) jsonSchema['x-rules'] = rules;
    },
  });
  refuseUnknown(made, '');
  // Only keywords of `JsonSchema` are left, and zod gives each the type that the standard does.
  return made as JsonSchema;
}

function rulesOf(schema: z.core.$ZodTypes): string[] {
  return (schema._zod.def.checks ?? [])
    .map(({ _zod }) => _zod.def)
    .filter((def) => def.check === 'custom')
    .map(sentenceOf)
    .sort();
}

function sentenceOf({ error }: z.core.$ZodCheckDef): string {
  // Zod types the map by the issues that it is asked about; one that is a sentence looks at none of them.
  const tell = error as z.core.$ZodErrorMap | undefined;
  const said = tell?.({ code: 'custom', input: undefined, path: [] });
  const sentence = typeof said === 'string' ? said : said?.message;
  if (sentence === undefined) throw new Error('a refinement must say its rule, or it cannot be compared');
  return sentence;
}

function refuseUnknown(schema: object, at: string): void {
  for (const [keyword, value] of Object.entries(schema)) {
    if (!KNOWN.has(keyword)) throw new Error(`${at || 'the schema'} uses ${keyword}, which nothing compares`);
    if (keyword === 'properties')
      for (const [name, inner] of Object.entries(value)) refuseUnknown(Object(inner), `${at}.${name}`);
    else if (keyword === 'anyOf' || keyword === 'oneOf') for (const inner of value) refuseUnknown(inner, at);
    else if (['items', 'propertyNames', 'additionalProperties', 'not'].includes(keyword))
      refuseUnknown(Object(value), `${at}.${keyword}`);
  }
}
