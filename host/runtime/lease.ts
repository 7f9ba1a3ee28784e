import { EvenkeelError } from '#shared/errors/errors.ts';

/** The function ran longer than its `timeout`: its instance is gone, and nothing that it still does takes effect. */
export class FunctionTimeoutError extends EvenkeelError {
  constructor(functionName: string, timeoutSeconds: number) {
    super('function-timeout', `${functionName} did not end within ${timeoutSeconds} seconds`);
  }
}

/** What an instance that was dropped gets when it calls a capability all the same. */
export class RevokedError extends EvenkeelError {
  constructor(functionName: string) {
    super('revoked', `${functionName} calls after its invocation ended by time-out: nothing was done`);
  }
}

/** An instance's leave to act. Taken back at a time-out, so that a zombie's calls never take effect. */
export class Lease {
  readonly functionName: string;
  #live = true;

  constructor(functionName: string) {
    this.functionName = functionName;
  }

  revoke(): void {
    this.#live = false;
  }

  /** What a call gets once the lease has been taken back; nothing before. */
  refusal(): RevokedError | undefined {
    return this.#live ? undefined : new RevokedError(this.functionName);
  }
}
