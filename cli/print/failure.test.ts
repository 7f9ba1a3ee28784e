import { describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import { ApiError, FailedError, NotLoggedInError, UnreachableError, UsageError } from '../errors.ts';
import { failureOf } from './failure.ts';

describe('a failure', () => {
  test.each([
    ['a refusal', new ApiError(400, { code: 'refused', message: 'x: y', field: 'x', rule: 'y' }), 1],
    ['no token', new ApiError(401, { code: 'unauthenticated', message: 'no' }), 3],
    ['the wrong role', new ApiError(403, { code: 'forbidden', message: 'no' }), 1],
    ['nobody there', new UnreachableError('gone', { mayHaveHappened: false }), 3],
    ['no target', new NotLoggedInError('none'), 3],
    ['a wrong command line', new UsageError('wrong'), 2],
    ['a rejected release', new FailedError('rejected', 'Push again.'), 1],
    ['what the contract refuses', new RefusedError('product', 'must be a name'), 1],
    ['a fault of ours', new TypeError('x is not a function'), 1],
  ])('%s ends with its exit code', (_, error, exitCode) => {
    expect(failureOf(error)).toMatchObject({ exitCode });
  });

  test('tells what to do next', () => {
    expect(failureOf(new NotLoggedInError('none')).advice).toMatch(/evenkeel login --data DIR/);
    expect(failureOf(new UnreachableError('gone', { mayHaveHappened: true })).advice).toMatch(
      /may have arrived/,
    );
    expect(failureOf(new UnreachableError('gone', { mayHaveHappened: false })).advice).toMatch(/npm start/);
  });

  test('says to scripts, too, where the request may have arrived', () => {
    expect(failureOf(new UnreachableError('gone', { mayHaveHappened: true }))).toMatchObject({
      code: 'unreachable',
      mayHaveHappened: true,
    });
    const failure = failureOf(new UnreachableError('gone', { mayHaveHappened: false }));
    expect(failure).not.toHaveProperty('mayHaveHappened');
  });

  test.each([
    ['not-found', 'product', /product create[\s\S]*target list/],
    ['not-found', 'deviceId', /device list --id PART/],
    ['refused', 'signature.keyId', /product show/],
    ['refused', 'artifacts.12.hardware', /product add-hardware/],
    ['refused', 'excuse', /--excuse-device IDS, or --excuse-reason/],
  ])('%s of %s tells what to do next', (code, field, advice) => {
    const refused = new ApiError(400, { code, message: 'x', field, rule: 'y' });
    expect(failureOf(refused).advice).toMatch(advice);
    const other = new ApiError(400, { code, message: 'x', field: `${field}s`, rule: 'y' });
    expect(failureOf(other)).not.toHaveProperty('advice');
  });
});
