/**
 * Root of every error that Evenkeel throws on purpose. `code` is stable and fit for programs; the message is for people.
 */
export class EvenkeelError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** What was sent breaks a rule and will always break it: final, answered to the sender, counted, never retried. */
export class RefusedError extends EvenkeelError {
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
  constructor(field: string, rule: string) {
    super(field, rule, 'not-found');
  }
}

/** The request is sound, but the thing is in a state that does not allow it. */
export class WrongStateError extends RefusedError {
  constructor(field: string, rule: string) {
    super(field, rule, 'wrong-state');
  }
}

/** Who asks is not known (no token, or one that is not valid). */
export class UnauthenticatedError extends RefusedError {
  constructor(rule: string) {
    super('authorization', rule, 'unauthenticated');
  }
}

/** Who asks is known and may not do this. */
export class ForbiddenError extends RefusedError {
  constructor(field: string, rule: string) {
    super(field, rule, 'forbidden');
  }
}

/** Two writes met on one item; nothing was written, and the same call may be tried again after a pause with jitter. */
export class ConflictError extends EvenkeelError {
  constructor(message: string, options?: ErrorOptions) {
    super('conflict', message, options);
  }
}

/** More was asked than the resource serves; nothing was done, and the same call may be tried again later. */
export class ThrottledError extends EvenkeelError {
  constructor(message: string, options?: ErrorOptions) {
    super('throttled', message, options);
  }
}

/** The answer was lost: the call may have taken effect or not. Only an idempotent call may be repeated. */
export class UnknownOutcomeError extends EvenkeelError {
  constructor(message: string, options?: ErrorOptions) {
    super('unknown-outcome', message, options);
  }
}

/** A function asked for something that the statements in its `function.yml` do not allow. */
export class AccessDeniedError extends EvenkeelError {
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
  constructor(message: string, options?: ErrorOptions) {
    super('configuration', message, options);
  }
}
