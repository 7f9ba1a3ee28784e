import type * as z from 'zod';
import { type Route, rolesThatMay } from '#shared/contracts/api/route.ts';
import { ROUTES } from '#shared/contracts/api/routes.ts';
import { schemaOf } from './schema-of.ts';

type AnyRoute = Route<unknown, unknown, unknown, unknown>;

const ERROR = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        field: { type: 'string', description: 'the field at fault' },
        rule: { type: 'string', description: 'the rule it breaks' },
      },
      required: ['code', 'message'],
    },
  },
  required: ['error'],
};

const json = (schema: unknown) => ({ content: { 'application/json': { schema } } });

/** The OpenAPI 3.1 document of the HTTP API, made from the route contracts alone. */
export function openApi(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(ROUTES)) {
    // Each route has types of its own; the document needs only what they have in common.
    const operation = operationOf(name, route as unknown as AnyRoute);
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Evenkeel',
      version,
      summary: 'Firmware releases, staged rollouts and devices',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      {
        url: 'https://localhost:8443',
        description: 'One machine; on AWS see the stack output HttpApiEndpoint',
      },
    ],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: ERROR },
      responses: {
        Refused: {
          description: 'Refused; the field and the rule are named',
          ...json({ $ref: '#/components/schemas/Error' }),
        },
      },
    },
  };
}

function operationOf(name: string, route: AnyRoute): Record<string, unknown> {
  const body = schemaOf(route.body);
  const hasBody = Object.keys(body).length > 0 && !('not' in body);
  return {
    operationId: name,
    summary: route.summary,
    description: `Needs a role: ${rolesThatMay(route.role)}.`,
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...(hasBody && { requestBody: { required: true, ...json(body) } }),
    responses: {
      [route.status]: { description: 'Done', ...json(schemaOf(route.answer)) },
      '4XX': { $ref: '#/components/responses/Refused' },
    },
  };
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query'): unknown[] {
  // The schemas of paths and queries are objects, and this is the JSON Schema of one.
  const { properties = {}, required = [] } = schemaOf(schema) as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: of,
  }));
}
