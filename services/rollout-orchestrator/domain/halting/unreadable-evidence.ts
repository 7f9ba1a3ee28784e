import { EvenkeelError } from '#shared/errors/errors.ts';
import { UnreadableRowError } from '../row/attributes.ts';

/**
 * Thrown where counts or settings of a test cannot be what they claim (not finite, negative, more bad than exposed). Safety
 * fails closed: who catches it pauses the rollout, because a test that cannot be evaluated must not let anything through.
 */
export class UnreadableEvidenceError extends EvenkeelError {
  /** What could not be read, as a path such as `pooled.failureRate.k`. */
  readonly field: string;

  constructor(field: string, rule: string) {
    super('unreadable-evidence', `${field}: ${rule}`);
    this.field = field;
  }
}

/**
 * The same number, when it is a count: a whole number from 0.
 *
 * @throws UnreadableEvidenceError when it is not
 */
export function readCount(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new UnreadableEvidenceError(field, `must be a whole number from 0, not ${String(value)}`);
}

/**
 * Whether this says that what is stored of a rollout cannot be evaluated: a row that is none, evidence that cannot be true, or a
 * `RangeError` of what is computed from it. Nothing may go on then that depends on it.
 */
export const isUnreadable = (error: unknown): error is Error =>
  error instanceof UnreadableEvidenceError ||
  error instanceof UnreadableRowError ||
  error instanceof RangeError;
