import { expect, test } from '@jest/globals';
import { ConflictError, UnknownOutcomeError } from './errors.ts';
import { toErrorAnswer } from './http-status.ts';

test('a lost answer of a service is told as what it is, and nothing of where it was lost', () => {
  expect(toErrorAnswer(new UnknownOutcomeError('dynamodb:PutItem on registry: TimeoutError'))).toEqual({
    status: 500,
    body: {
      error: { code: 'unknown-outcome', message: 'it may have happened or not: look, then try again' },
    },
  });
});

test('what did not happen may be tried again at once', () => {
  expect(toErrorAnswer(new ConflictError('somebody else was writing'))).toEqual({
    status: 409,
    body: { error: { code: 'conflict', message: 'try again' } },
  });
});
