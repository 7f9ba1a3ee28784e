import * as z from 'zod';

/** The JSON Schema (2020-12, as OpenAPI 3.1 and AsyncAPI 3 take it) of a contract's input side. */
export function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
