import { expect, test } from '@jest/globals';
import {
  AccessDeniedError,
  ConfigurationError,
  ConflictError,
  RefusedError,
  ThrottledError,
  UnknownOutcomeError,
} from '#shared/errors/errors.ts';
import { translated } from './aws-error.ts';

/** An error as the SDK throws it when the service has answered. */
function answered(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error('said'), { name, $metadata: { httpStatusCode } });
}

test.each([
  ['ProvisionedThroughputExceededException', 400, ThrottledError],
  ['SlowDown', 503, ThrottledError],
  ['TooManyRequestsException', 429, ThrottledError],
  ['TransactionConflictException', 400, ConflictError],
  ['TransactionInProgressException', 400, ConflictError],
  ['AccessDeniedException', 400, AccessDeniedError],
  ['ResourceNotFoundException', 400, ConfigurationError],
  ['ValidationException', 400, RefusedError],
  ['InternalServerError', 500, UnknownOutcomeError],
  ['ServiceUnavailable', 503, UnknownOutcomeError],
  ['SyntaxError', 200, UnknownOutcomeError],
])('%s (%d) becomes the error that says what the caller may do', (name, status, kind) => {
  expect(translated(answered(name, status), 'dynamodb:PutItem', 'devices')).toBeInstanceOf(kind);
});

test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('%s leaves the outcome unknown', (code) => {
  const lost = Object.assign(new Error('socket hang up'), { code });
  expect(translated(lost, 'dynamodb:PutItem', 'devices')).toBeInstanceOf(UnknownOutcomeError);
});

test('an answer that came too late leaves the outcome unknown', () => {
  const late = Object.assign(new Error('late'), { name: 'TimeoutError' });
  expect(translated(late, 'dynamodb:PutItem', 'devices')).toBeInstanceOf(UnknownOutcomeError);
});

test('our own errors and faults of the program stay what they are', () => {
  for (const error of [new RefusedError('pk', 'must be a string'), new TypeError('x is not a function')])
    expect(translated(error, 'dynamodb:PutItem', 'devices')).toBe(error);
});
