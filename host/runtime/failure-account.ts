import { faultOf } from '#shared/errors/fault-of.ts';
import type { FunctionFacts } from './invocation-context.ts';

/** What Lambda sends to the failure destination of an asynchronous invocation: the event, and how it failed. */
export function failureAccount(
  facts: Pick<FunctionFacts, 'arn'>,
  event: unknown,
  failure: { readonly error: unknown; readonly attempts: number; readonly atMs: number },
): unknown {
  const { error, attempts, atMs } = failure;
  const { name, message } = faultOf(error);
  return {
    version: '1.0',
    timestamp: new Date(atMs).toISOString(),
    requestContext: {
      functionArn: facts.arn,
      condition: 'RetriesExhausted',
      approximateInvokeCount: attempts,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: name, errorMessage: message },
  };
}
