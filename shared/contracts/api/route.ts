import * as z from 'zod';

/** What a person may do: everybody may look, an approver is an operator who may also approve, an admin may do everything. */
export const ROLES = ['viewer', 'operator', 'approver', 'manufacturer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * Whether somebody with the role `has` may call what asks for `asked`. Operators do not publish and do not approve; manufacturers do
 * not launch.
 */
export function roleAllows(has: Role, asked: Role): boolean {
  if (has === asked || has === 'admin' || asked === 'viewer') return true;
  return has === 'approver' && asked === 'operator';
}

/** The roles of those who may call what asks for `asked`, as a sentence names them: `operator, approver or admin`. */
export function rolesThatMay(asked: Role): string {
  const roles = ROLES.filter((has) => roleAllows(has, asked));
  return `${roles.slice(0, -1).join(', ')} or ${roles.at(-1)}`;
}

/** One HTTP route: the single source for the function that serves it, the CLI that calls it and the OpenAPI document. */
export interface Route<Path, Query, Body, Answer> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As in API Gateway: `/devices/{deviceId}`. */
  readonly path: string;
  /** One sentence: what it is for. */
  readonly summary: string;
  readonly role: Role;
  readonly params: z.ZodType<Path>;
  readonly query: z.ZodType<Query>;
  /** `z.undefined()` where there is none. */
  readonly body: z.ZodType<Body>;
  readonly answer: z.ZodType<Answer>;
  /** Status of a success. */
  readonly status: 200 | 201 | 202 | 204;
}

const Nothing = z.strictObject({});
type Nothing = z.infer<typeof Nothing>;

/** Defines a route; parts that are left out take no input. Unknown keys are refused everywhere. */
export function defineRoute<Answer, Path = Nothing, Query = Nothing, Body = undefined>(route: {
  readonly method: Route<Path, Query, Body, Answer>['method'];
  readonly path: string;
  readonly summary: string;
  readonly role: Role;
  readonly params?: z.ZodType<Path>;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  readonly answer: z.ZodType<Answer>;
  readonly status?: 200 | 201 | 202 | 204;
}): Route<Path, Query, Body, Answer> {
  return {
    ...route,
    // The defaults of the type parameters are exactly these schemas; inference cannot tie a default to a value.
    params: route.params ?? (Nothing as unknown as z.ZodType<Path>),
    query: route.query ?? (Nothing as unknown as z.ZodType<Query>),
    body: route.body ?? (z.undefined() as unknown as z.ZodType<Body>),
    status: route.status ?? 200,
  };
}

/** How many entries a page of a listing has at most; one number from `least`, given once. */
export function pageLimit(most: number, usual: number, least = 1): z.ZodDefault<z.ZodType<number, unknown>> {
  const error = `must be one whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error }).default(usual);
}

/** Query parameters of a listing. */
export const Paging = {
  limit: pageLimit(100, 50),
  cursor: z.string().max(2048).optional(),
};
