import { EvenkeelError } from '#shared/errors/errors.ts';

/** What the API answered instead of a success: its own code, and field and rule where it refused. */
export class ApiError extends EvenkeelError {
  readonly status: number;
  readonly field: string | undefined;
  readonly rule: string | undefined;

  constructor(
    status: number,
    error: {
      readonly code: string;
      readonly message: string;
      readonly field?: string | undefined;
      readonly rule?: string | undefined;
    },
  ) {
    super(error.code, error.message);
    this.status = status;
    this.field = error.field;
    this.rule = error.rule;
  }
}

/** The API could not be reached, or the connection ended before its answer. */
export class UnreachableError extends EvenkeelError {
  /** The request may have arrived: a call that is not idempotent must not be repeated unseen. */
  readonly mayHaveHappened: boolean;
  /** What the person can do next, where more is known than that nobody answers. */
  readonly advice: string | undefined;

  constructor(
    message: string,
    options: ErrorOptions & { readonly mayHaveHappened: boolean; readonly advice?: string },
  ) {
    super('unreachable', message, options);
    this.mayHaveHappened = options.mayHaveHappened;
    this.advice = options.advice;
  }
}

/** The server could not prove with its certificate that it is the one that was logged in to. */
export class UntrustedServerError extends EvenkeelError {
  constructor(message: string, options?: ErrorOptions) {
    super('untrusted-server', message, options);
  }
}

/** There is no target, or what is kept of it cannot be used: log in (again). */
export class NotLoggedInError extends EvenkeelError {
  constructor(message: string, options?: ErrorOptions) {
    super('not-logged-in', message, options);
  }
}

/** The command line asks for what does not exist, or not in this way. */
export class UsageError extends EvenkeelError {
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options);
  }
}

/** What was asked for was begun and did not end well: a release was rejected, a rollout halted, a wait took too long. */
export class FailedError extends EvenkeelError {
  /** What the person can do next, one sentence; absent when the message says it. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string, options?: ErrorOptions) {
    super('failed', message, options);
    this.advice = advice;
  }
}
