import { expect, test } from '@jest/globals';
import { ROLES, type Role, roleAllows } from './route.ts';

/** What somebody with a role may call, by the role that a route asks for. */
const MAY: Readonly<Record<Role, readonly Role[]>> = {
  viewer: ['viewer'],
  operator: ['viewer', 'operator'],
  approver: ['viewer', 'operator', 'approver'],
  manufacturer: ['viewer', 'manufacturer'],
  admin: ['viewer', 'operator', 'approver', 'manufacturer', 'admin'],
};

test.each(ROLES)('%s may call what its role allows, and nothing else', (role) => {
  expect(ROLES.filter((asked) => roleAllows(role, asked))).toEqual(MAY[role]);
});
