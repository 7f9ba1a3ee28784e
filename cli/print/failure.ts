import { type EvenkeelError, RefusedError } from '#shared/errors/errors.ts';
import {
  ApiError,
  FailedError,
  NotLoggedInError,
  UnreachableError,
  UntrustedServerError,
  UsageError,
} from '../errors.ts';

/** Exit codes, as `--help` tells them; those of a command that was stopped are 128 and the number of the signal, as shells have it. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  noAccess: 3,
  halted: 4,
  notYet: 5,
  standsStill: 6,
  interrupted: 130,
  terminated: 143,
} as const;

/** A failure as it is shown, and as which exit code. */
export interface Failure {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly rule?: string;
  /** What to do next, one sentence. */
  readonly advice?: string;
  /** The request may have arrived, so that repeating it unseen might do it twice; absent where that is known not to be. */
  readonly mayHaveHappened?: true;
}

const LOG_IN =
  'Log in: evenkeel login --data DIR (this machine), --stage STAGE (AWS), or --url URL --token-file FILE.';
/** What to do next, by the code of a refusal. */
const ADVICE: Readonly<Record<string, string>> = {
  unauthenticated: LOG_IN,
  forbidden:
    'It takes another role or another person: ask an admin of your tenant, or log in with another token.',
  throttled: 'The backend is busy: try again in a while.',
  starting: 'The backend is being started: try again in some seconds.',
  conflict: 'Somebody else changed it at the same time: look at it, then try again.',
  internal: 'Its log says what went wrong: on one machine DIR/logs.',
  'unexpected-answer': 'Is that address an Evenkeel of this version?',
};

/**
 * The same by the field at fault, and by the rule where there is one command that helps: of what is not there, and of what the rule alone
 * does not say how to mend. The first that fits is told.
 */
const ADVICE_OF_FIELD: readonly (readonly [code: string, field: RegExp, advice: string, rule?: RegExp])[] = [
  [
    'not-found',
    /^product$/,
    'Which there are: evenkeel product list. Make it (evenkeel product create), or choose another backend or tenant: evenkeel target list.',
  ],
  ['not-found', /^version$/, 'Which there are: evenkeel release list --product NAME.'],
  ['not-found', /^deviceId$/, 'Find it by a part of its id: evenkeel device list --id PART.'],
  ['not-found', /^rollout$/, 'Which there are: evenkeel rollout list.'],
  [
    'wrong-state',
    /^rollout$/,
    'Others than who created it have to approve it: evenkeel rollout approve ID.',
    /^cannot launch: .* missing$/,
  ],
  [
    'wrong-state',
    /^rollout$/,
    'Launch it first: evenkeel rollout launch ID.',
    /^cannot (resume|advance): it is draft/,
  ],
  [
    'wrong-state',
    /^rollout$/,
    'Let it go on first: evenkeel rollout resume ID --reason TEXT.',
    /^cannot advance: it is paused/,
  ],
  [
    'wrong-state',
    /^rollout$/,
    'Let it go on with excuses first: evenkeel rollout resume --help.',
    /^cannot advance: it is halted/,
  ],
  [
    'wrong-state',
    /^rollout$/,
    'Launch its document anew: evenkeel rollout launch FILE.',
    /^cannot (resume|advance|approve): it is (aborted|completed)/,
  ],
  [
    'wrong-state',
    /^rollout$/,
    'Who did that, and why: evenkeel audit ID.',
    /^cannot (\w+): it is (paused|halted|aborted|completed)/,
  ],
  ['wrong-state', /^rollout$/, 'Where it stands, and why: evenkeel rollout show ID.'],
  [
    'wrong-state',
    /^release$/,
    'Publish it: evenkeel release publish PRODUCT/VERSION.',
    /must be published first$/,
  ],
  [
    'wrong-state',
    /^release$/,
    'A release that was revoked stays so: push another version.',
    /has been revoked$/,
  ],
  [
    'wrong-state',
    /^state$/,
    'Go on with its upload: the same evenkeel release push as before.',
    /to be published, but is draft$/,
  ],
  ['wrong-state', /^state$/, 'That is final: push another version.', /is (rejected|revoking|revoked)$/],
  [
    'wrong-state',
    /^signature\.keyId$/,
    'Push it as another version, signed with a key that the product trusts: evenkeel product show NAME.',
  ],
  ['refused', /^signature\.keyId$/, 'Which keys it trusts: evenkeel product show NAME.'],
  ['refused', /^privateKey$/, '--key takes the file that evenkeel key create wrote.'],
  ['refused', /^artifacts\.\d+\.hardware$/, 'A new board is added by evenkeel product add-hardware NAME.'],
  [
    'refused',
    /^excuse$/,
    'Name them: --excuse-device IDS, or --excuse-reason CODE as evenkeel rollout show prints it.',
  ],
];

function adviceOf(code: string, field = '', rule = ''): string | undefined {
  const fits = ADVICE_OF_FIELD.find(
    ([of, name, , says]) => of === code && name.test(field) && (says === undefined || says.test(rule)),
  );
  return ADVICE[code] ?? fits?.[2];
}

/** Translates any thrown value; a fault of this program is shown with where it happened. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return apiFailure(error);
  if (error instanceof UnreachableError) {
    const advice = error.mayHaveHappened
      ? 'The request may have arrived: look before you do it again.'
      : 'Is the backend running? On one machine: npm start -- --data DIR.';
    const failure = of(error, EXIT.noAccess, error.advice ?? advice);
    return error.mayHaveHappened ? { ...failure, mayHaveHappened: true } : failure;
  }
  if (error instanceof UntrustedServerError) {
    return of(
      error,
      EXIT.noAccess,
      'If that is the right address, log in again with its authority (--ca FILE).',
    );
  }
  if (error instanceof NotLoggedInError) return of(error, EXIT.noAccess, LOG_IN);
  if (error instanceof UsageError) return of(error, EXIT.usage);
  if (error instanceof FailedError) return of(error, EXIT.failed, error.advice);
  if (error instanceof RefusedError) {
    const advice = adviceOf(error.code, error.field, error.rule);
    return { ...of(error, EXIT.failed, advice), field: error.field, rule: error.rule };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: EXIT.failed, code: 'fault', message: `a fault of this program: ${text}` };
}

function apiFailure(error: ApiError): Failure {
  const { field, rule, status } = error;
  const exitCode = status === 401 || error.code === 'starting' ? EXIT.noAccess : EXIT.failed;
  return {
    ...of(error, exitCode, adviceOf(error.code, field, rule)),
    ...(field !== undefined && { field }),
    ...(rule !== undefined && { rule }),
  };
}

function of({ code, message }: EvenkeelError, exitCode: number, advice?: string): Failure {
  return { exitCode, code, message, ...(advice !== undefined && { advice }) };
}
