import { FailedError, UsageError } from '../errors.ts';
import type { Session } from './session.ts';

/** Asks a question; throws `FailedError` with that message and advice for any answer but a yes. */
export type Agree = (question: string, otherwise: string, advice: string) => Promise<void>;

/**
 * How a command gets its yes: by `--yes`, or by asking. Throws `UsageError` at once where there is nobody to ask, before anything is
 * done on the way to the question.
 */
export function agreement({ io, json }: Session, isSure: boolean, what: string): Agree {
  if (isSure) return () => Promise.resolve();
  const { ask } = io;
  if (ask === undefined || json) {
    throw new UsageError(`there is nobody to ask: add --yes to ${what} without a question`);
  }
  return async (question, otherwise, advice) => {
    if (!/^y(es)?$/i.test((await ask(question)).trim())) throw new FailedError(otherwise, advice);
  };
}
