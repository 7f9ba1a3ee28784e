/** What is wrong with a packaged template. */
export interface Finding {
  /** Folder of the service, or `platform`. */
  readonly stack: string;
  /** Logical id of the resource; empty when it is the template as a whole. */
  readonly resource: string;
  /** `queue-has-dead-letters`, or the id of a rule of cloudformation-validate. */
  readonly rule: string;
  /** What is wrong, and what must be. */
  readonly message: string;
}

/** A finding before its stack is known. */
export type Fault = Omit<Finding, 'stack'>;

/** A finding as a line of text. */
export function lineOf({ stack, resource, rule, message }: Finding): string {
  return `${stack}: ${resource === '' ? 'the template' : resource} ${message} (${rule})`;
}
