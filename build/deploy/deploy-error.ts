/** What keeps a stage from being deployed or removed, with what a person can do about it. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
  /** What to do next, whole sentences; absent where the message says it. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string, options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}
