import * as z from 'zod';
import { ROLES, type Role } from '#shared/contracts/api/route.ts';
import { Tenant } from '#shared/contracts/names.ts';
import { ForbiddenError, UnauthenticatedError } from '#shared/errors/errors.ts';
import { ruleOf } from '#shared/errors/refusal-of.ts';

/** Who calls, by the authorizer's word. */
export interface Caller {
  readonly tenant: string;
  /** Fit for the audit log. */
  readonly name: string;
  readonly role: Role;
}

/** Claims of a token that has been verified (RFC 7519). API Gateway hands on every value as text, a list as `[a b]`. */
const Claims = z.record(z.string(), z.unknown());
const Subject = z.string().min(1).max(64);
const RoleName = z.enum(ROLES, `must be one of ${ROLES.join(', ')}`);

/** The claims that may tell tenant, person and role: our own names, and those of a Cognito user pool. */
const TENANT_CLAIMS = ['tenant', 'custom:tenant'] as const;
const SUBJECT_CLAIMS = ['sub'] as const;
const ROLE_CLAIMS = ['role', 'custom:role'] as const;
/** Of a user's groups those count that are called as a role is. */
const GROUPS_CLAIM = 'cognito:groups';

/**
 * The caller by the claims of the token. Throws `UnauthenticatedError` where there are none, and `ForbiddenError` that names
 * the claim which is missing, not valid or in conflict with another: a caller is somebody in one tenant with one role.
 */
export function callerOf(verified: unknown): Caller {
  const read = Claims.safeParse(verified);
  if (!read.success) throw new UnauthenticatedError('must be a valid token');
  const claims = read.data;
  return {
    tenant: only(TENANT_CLAIMS, Tenant, told(claims, TENANT_CLAIMS)),
    name: only(SUBJECT_CLAIMS, Subject, told(claims, SUBJECT_CLAIMS)),
    role: only(ROLE_CLAIMS, RoleName, [...told(claims, ROLE_CLAIMS), ...rolesAmong(claims[GROUPS_CLAIM])]),
  };
}

function told(claims: Readonly<Record<string, unknown>>, names: readonly string[]): unknown[] {
  return names.filter((name) => Object.hasOwn(claims, name)).map((name) => claims[name]);
}

function rolesAmong(groups: unknown): string[] {
  const names = typeof groups === 'string' ? groups.replace(/^\[|\]$/g, '').split(/[\s,]+/) : groups;
  return Array.isArray(names) ? ROLES.filter((role) => names.includes(role)) : [];
}

/** The one value that these claims tell. */
function only<T>(
  claims: readonly [string, ...string[]],
  schema: z.ZodType<T>,
  values: readonly unknown[],
): T {
  const [field] = claims;
  const [value, ...others] = new Set(values);
  if (value === undefined)
    throw new ForbiddenError(field, `must be a claim of the token: ${claims.join(' or ')}`);
  if (others.length > 0) throw new ForbiddenError(field, 'must be the same in all claims that tell it');
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new ForbiddenError(field, issue === undefined ? 'is not valid' : ruleOf(issue));
}
