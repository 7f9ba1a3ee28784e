/**
 * Root of every error that Evenkeel throws on purpose. `code` is stable and fit for programs; the message is for people.
 * Names are written out, because the minifier of the bundles renames classes.
 */
export class EvenkeelError extends Error {
  override readonly name: string = 'EvenkeelError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What was sent breaks a rule and will always break it: final, answered to the sender, counted, never retried. */
export class RefusedError extends EvenkeelError {
  override readonly name: string = 'RefusedError';
  /** The field at fault, as a path (`artifacts.0.sha256`), or the name of the whole message. */
  readonly field: string;
  /** The rule it breaks, one sentence without a full stop. */
  readonly rule: string;

  constructor(field: string, rule: string, code = 'refused') {
    super(code, `${field}: ${rule}`);
    this.field = field;
    this.rule = rule;
  }
}

/** The thing that was asked for does not exist, or not for this tenant. */
export class NotFoundError extends RefusedError {
  override readonly name: string = 'NotFoundError';
  constructor(field: string, rule: string) {
    super(field, rule, 'not-found');
  }
}

/** The request is sound, but the thing is in a state that does not allow it. */
export class WrongStateError extends RefusedError {
  override readonly name: string = 'WrongStateError';
  constructor(field: string, rule: string) {
    super(field, rule, 'wrong-state');
  }
}

/** Who asks is not known (no token, or one that is not valid). */
export class UnauthenticatedError extends RefusedError {
  override readonly name: string = 'UnauthenticatedError';
  constructor(rule: string) {
    super('authorization', rule, 'unauthenticated');
  }
}

/** Who asks is known and may not do this. */
export class ForbiddenError extends RefusedError {
  override readonly name: string = 'ForbiddenError';
  constructor(field: string, rule: string) {
    super(field, rule, 'forbidden');
  }
}

/** Two writes met on one item; nothing was written, and the same call may be tried again after a pause with jitter. */
export class ConflictError extends EvenkeelError {
  override readonly name: string = 'ConflictError';
  constructor(message: string, options?: ErrorOptions) {
    super('conflict', message, options);
  }
}

/** More was asked than the resource serves; nothing was done, and the same call may be tried again later. */
export class ThrottledError extends EvenkeelError {
  override readonly name: string = 'ThrottledError';
  constructor(message: string, options?: ErrorOptions) {
    super('throttled', message, options);
  }
}

/** The answer was lost: the call may have taken effect or not. Only an idempotent call may be repeated. */
export class UnknownOutcomeError extends EvenkeelError {
  override readonly name: string = 'UnknownOutcomeError';
  constructor(message: string, options?: ErrorOptions) {
    super('unknown-outcome', message, options);
  }
}

/** A function asked for something that the statements in its `function.yml` do not allow. */
export class AccessDeniedError extends EvenkeelError {
  override readonly name: string = 'AccessDeniedError';
  readonly action: string;
  readonly resource: string;

  constructor(action: string, resource: string, caller: string) {
    super('access-denied', `${caller} may not ${action} on ${resource}: add the right to its function.yml`);
    this.action = action;
    this.resource = resource;
  }
}

/** A variable, right or resource that a program needs to start is missing or unreadable. */
export class ConfigurationError extends EvenkeelError {
  override readonly name: string = 'ConfigurationError';
  constructor(message: string, options?: ErrorOptions) {
    super('configuration', message, options);
  }
}
