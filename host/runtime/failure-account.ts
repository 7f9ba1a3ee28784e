import { faultOf } from '#shared/errors/fault-of.ts';
import type { FunctionFacts } from './invocation-context.ts';

/** How an event came to be given up. */
export interface GivenUpFailure {
  /** What it failed with in the end; `undefined` where it was not tried. */
  readonly error: unknown;
  readonly attempts: number;
  readonly condition: 'RetriesExhausted' | 'EventAgeExceeded';
}

/** What Lambda sends to the failure destination of an asynchronous invocation: the event, and how it failed. */
export function failureAccount(
  facts: Pick<FunctionFacts, 'arn'>,
  event: unknown,
  { error, attempts, condition }: GivenUpFailure,
  atMs: number,
): unknown {
  return {
    version: '1.0',
    timestamp: new Date(atMs).toISOString(),
    requestContext: { functionArn: facts.arn, condition, approximateInvokeCount: attempts },
    requestPayload: event,
    ...(attempts > 0 && responseOf(error)),
  };
}

function responseOf(error: unknown) {
  const { name, message } = faultOf(error);
  return {
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: name, errorMessage: message },
  };
}
