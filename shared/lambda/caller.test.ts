import { describe, expect, test } from '@jest/globals';
import { ForbiddenError, UnauthenticatedError } from '#shared/errors/errors.ts';
import { callerOf } from './caller.ts';

/** An id token of the user pool, as API Gateway hands its claims on: every value is text. */
const OF_A_USER_POOL = {
  sub: '6f1b2c1e-4c3a-4f0d-9a54-1c7f0a8d2b11',
  'cognito:username': '6f1b2c1e-4c3a-4f0d-9a54-1c7f0a8d2b11',
  'custom:tenant': 'acme',
  'custom:role': 'operator',
  aud: '7c1k2example',
  email: 'ada@example.com',
  email_verified: 'true',
  exp: '1795651200',
  iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a1B2c3D4e',
  token_use: 'id',
};
const ADA = { tenant: 'acme', name: OF_A_USER_POOL.sub, role: 'operator' };

const thrownFor = (claims: unknown): unknown => {
  try {
    return callerOf(claims);
  } catch (error) {
    return error;
  }
};

describe('a caller', () => {
  test('is who the id token of a user pool says', () => {
    expect(callerOf(OF_A_USER_POOL)).toEqual(ADA);
  });

  test("is who the token of this machine or of somebody's own provider says", () => {
    expect(callerOf({ tenant: 'acme', sub: 'ada', role: 'admin' })).toEqual({
      tenant: 'acme',
      name: 'ada',
      role: 'admin',
    });
  });

  test.each(['[operator]', '[eu-central-1_a1_Google operator]', ['operator']])(
    'may have the role as one of the groups %j',
    (groups) => {
      const { 'custom:role': _role, ...others } = OF_A_USER_POOL;
      expect(callerOf({ ...others, 'cognito:groups': groups })).toEqual(ADA);
    },
  );

  test('may be told the same twice', () => {
    expect(callerOf({ ...OF_A_USER_POOL, role: 'operator', 'cognito:groups': '[operator]' })).toEqual(ADA);
  });

  test.each([undefined, null, 'acme'])('with the claims %j is not known', (claims) => {
    expect(thrownFor(claims)).toBeInstanceOf(UnauthenticatedError);
  });

  test.each([
    ['an access token, which has no tenant', { 'custom:tenant': undefined }, 'tenant', /tenant/],
    ['two tenants', { tenant: 'globex' }, 'tenant', /the same/],
    ['a tenant that is none', { 'custom:tenant': '../acme' }, 'tenant', /1 to 20/],
    ['no role', { 'custom:role': undefined }, 'role', /role or custom:role/],
    ['a role that does not exist', { 'custom:role': 'root' }, 'role', /one of viewer, operator/],
    ['two roles', { 'cognito:groups': '[admin]' }, 'role', /the same/],
    [
      'two groups that are roles',
      { 'custom:role': undefined, 'cognito:groups': '[admin viewer]' },
      'role',
      /the same/,
    ],
    [
      'groups that are no roles',
      { 'custom:role': undefined, 'cognito:groups': '[administrators]' },
      'role',
      /role/,
    ],
    ['nobody in particular', { sub: '' }, 'sub', /./],
    ['a subject that no audit entry holds', { sub: 'a'.repeat(65) }, 'sub', /64/],
  ])('with %s may do nothing and hears why', (_what, changed, field, rule) => {
    const claims = Object.fromEntries(
      Object.entries({ ...OF_A_USER_POOL, ...changed }).filter(([, value]) => value !== undefined),
    );
    const error = thrownFor(claims);
    expect(error).toBeInstanceOf(ForbiddenError);
    expect(error).toMatchObject({ field, rule: expect.stringMatching(rule) });
  });
});
