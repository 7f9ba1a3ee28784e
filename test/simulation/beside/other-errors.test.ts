import { expect, test } from '@jest/globals';
import type { Home } from '#shared/capabilities/home.ts';
import { ConflictError, RefusedError } from '#shared/errors/errors.ts';
import { inErrorsOf } from './other-errors.ts';

class TheirConflictError extends Error {}
class TheirRefusedError extends Error {}
const THEIRS = { ConflictError: TheirConflictError, RefusedError: TheirRefusedError };

/** The table of a home in which every call fails with that. */
async function tableThatFails(fail: () => never) {
  const table = {
    get: async () => fail(),
    query: () => fail(),
    secret: 7,
  };
  const home = { provide: async () => table, setting: () => '' } as unknown as Home;
  const load = () => Promise.reject(new Error('nobody loads for AWS here'));
  return inErrorsOf(THEIRS, home).provide('table', 'TABLE', load) as unknown as Promise<typeof table>;
}

test('a call that fails later or at once fails with the error of the same name of the other version, and says the same', async () => {
  const conflicting = await tableThatFails(() => {
    throw new ConflictError('somebody else');
  });
  const refusing = await tableThatFails(() => {
    throw new RefusedError('index', 'is not declared');
  });
  await expect(conflicting.get()).rejects.toBeInstanceOf(TheirConflictError);
  await expect(conflicting.get()).rejects.toMatchObject({ code: 'conflict', message: 'somebody else' });
  expect(() => refusing.query()).toThrow(TheirRefusedError);
  expect(refusing.secret).toBe(7);
});

test('an error that is none of this version stays as it is', async () => {
  const table = await tableThatFails(() => {
    throw new TypeError('a fault of somebody');
  });
  await expect(table.get()).rejects.toBeInstanceOf(TypeError);
});
