import {
  AccessDeniedError,
  ConfigurationError,
  ConflictError,
  EvenkeelError,
  RefusedError,
  ThrottledError,
  UnknownOutcomeError,
} from '#shared/errors/errors.ts';

/** An error as the SDK throws it: the service's own (with `$metadata`), or Node's of the connection (with `code`). */
interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Errors by what they mean to a caller, whichever service they come from (its API reference, "Common Errors"). */
const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'TooManyRequestsException',
  'LimitExceededException',
]);
const CONFLICTS = new Set([
  'TransactionConflictException',
  'TransactionInProgressException',
  'ReplicatedWriteConflictException',
  'OperationAborted',
]);
const DENIED = new Set([
  'AccessDeniedException',
  'AccessDenied',
  'UnauthorizedException',
  'ForbiddenException',
]);
const INVALID = new Set([
  'ValidationException',
  'InvalidRequestException',
  'InvalidArgument',
  'InvalidMessageContents',
  'BatchRequestTooLong',
]);
const MISSING = new Set([
  'ResourceNotFoundException',
  'NoSuchBucket',
  'ParameterNotFound',
  // KMS, of a key.
  'NotFoundException',
  'DisabledException',
  'KMSInvalidStateException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
]);

/**
 * Makes one of our errors of what an SDK call threw; `action` is its IAM action, `resource` what it was done to. Anything
 * that may have happened, because the answer was lost or the service failed, becomes `UnknownOutcomeError`; what is none of
 * these is given back as it is.
 */
export function translated(error: unknown, action: string, resource: string): unknown {
  if (error instanceof EvenkeelError || !isSdkError(error)) return error;
  const { name, message } = error;
  const said = `${action} on ${resource}: ${name}: ${message}`;
  const status = error.$metadata?.httpStatusCode;
  if (THROTTLED.has(name) || status === 429) return new ThrottledError(said, { cause: error });
  if (CONFLICTS.has(name)) return new ConflictError(said, { cause: error });
  if (DENIED.has(name)) return new AccessDeniedError(action, resource, 'the function');
  if (MISSING.has(name)) return new ConfigurationError(said, { cause: error });
  if (INVALID.has(name)) return new RefusedError('request', message.slice(0, 300));
  // A success that could not be read to its end is one of which nothing more is known.
  if (status === undefined ? wasOnItsWay(error) : status >= 500 || status < 300) {
    return new UnknownOutcomeError(said, { cause: error });
  }
  return error;
}

/** Runs an SDK call, and throws what it throws as one of our errors. */
export async function calling<Answer>(
  action: string,
  resource: string,
  call: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    throw translated(error, action, resource);
  }
}

/** Without an answer it is not known whether the request arrived: connection errors have a code, the SDK's own a name. */
function wasOnItsWay({ code, name }: SdkError): boolean {
  return typeof code === 'string' || name === 'TimeoutError' || name === 'AbortError';
}

function isSdkError(error: unknown): error is SdkError {
  return error instanceof Error && ('$metadata' in error || 'code' in error || error.name === 'TimeoutError');
}
