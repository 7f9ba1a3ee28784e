import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import { ConflictError, RefusedError, ThrottledError } from '#shared/errors/errors.ts';
import { cancelled } from './table-transaction.ts';

/** What DynamoDB answers when it cancels: a reason per write, `None` for those that are not at fault. */
function cancelledBy(...codes: readonly string[]): TransactionCanceledException {
  return new TransactionCanceledException({
    message: 'Transaction cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code, Message: Code })),
  });
}

test('conditions that fail are a result, by position', () => {
  expect(cancelled(cancelledBy('None', 'ConditionalCheckFailed', 'ConditionalCheckFailed'))).toEqual({
    outcome: 'refused',
    failed: [{ index: 1 }, { index: 2 }],
  });
});

test.each([
  ['TransactionConflict', ConflictError],
  ['ThrottlingError', ThrottledError],
  ['ProvisionedThroughputExceeded', ThrottledError],
  ['ValidationError', RefusedError],
] as const)('%s is thrown, also beside a condition that fails', (code, kind) => {
  expect(() => cancelled(cancelledBy('None', code))).toThrow(kind);
  expect(() => cancelled(cancelledBy('ConditionalCheckFailed', code))).toThrow(kind);
});

test('a reason that is not known is thrown as it came', () => {
  const error = cancelledBy('SomethingNew');
  expect(() => cancelled(error)).toThrow(error);
});
