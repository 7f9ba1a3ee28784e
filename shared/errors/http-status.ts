import { EvenkeelError, RefusedError, UnknownOutcomeError } from './errors.ts';

/** The one table from error codes to HTTP status; a code that is not listed is a fault of ours (500). */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  refused: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'wrong-state': 409,
  conflict: 409,
  throttled: 429,
};

/** What an HTTP client is told of an error: field and rule for a refusal, nothing of our inside otherwise. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: { readonly error: { code: string; message: string; field?: string; rule?: string } };
}

/** Translates any thrown value into status and body (RFC 9110 status codes). */
export function toErrorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof RefusedError) {
    const { code, message, field, rule } = error;
    return { status: STATUS_BY_CODE[code] ?? 400, body: { error: { code, message, field, rule } } };
  }
  if (error instanceof EvenkeelError) {
    const { code } = error;
    const status = STATUS_BY_CODE[code];
    if (status !== undefined) return { status, body: { error: { code, message: 'try again' } } };
  }
  // A fault of ours as well, but one after which a repeat may find its work done.
  if (error instanceof UnknownOutcomeError) {
    const message = 'it may have happened or not: look, then try again';
    return { status: 500, body: { error: { code: error.code, message } } };
  }
  return {
    status: 500,
    body: { error: { code: 'internal', message: 'an internal fault; it has been logged' } },
  };
}
