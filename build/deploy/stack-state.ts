/** What can be done with a stack in a status (CloudFormation, "Stack status codes"). */
export type StackState =
  /** Not there; a change set of a stack that never was counts as nothing. */
  | 'absent'
  /** Can be updated. */
  | 'ready'
  /** Somebody's operation runs. */
  | 'busy'
  /** Its creation failed: it can only be removed, and holds nothing that anybody uses. */
  | 'never-came-up'
  /** A rollback failed: a person must say how it goes on. */
  | 'stuck'
  /** Its removal failed: it can only be removed again. */
  | 'half-removed';

const STATES: Readonly<Record<string, StackState>> = {
  REVIEW_IN_PROGRESS: 'absent',
  DELETE_COMPLETE: 'absent',
  CREATE_COMPLETE: 'ready',
  UPDATE_COMPLETE: 'ready',
  UPDATE_ROLLBACK_COMPLETE: 'ready',
  IMPORT_COMPLETE: 'ready',
  IMPORT_ROLLBACK_COMPLETE: 'ready',
  CREATE_FAILED: 'never-came-up',
  ROLLBACK_COMPLETE: 'never-came-up',
  ROLLBACK_FAILED: 'never-came-up',
  UPDATE_FAILED: 'stuck',
  UPDATE_ROLLBACK_FAILED: 'stuck',
  IMPORT_ROLLBACK_FAILED: 'stuck',
  DELETE_FAILED: 'half-removed',
};

/** The state of a stack by its status, `undefined` for one that CloudFormation does not know. A status that is new to us is `stuck`. */
export function stateOf(status: string | undefined): StackState {
  if (status === undefined) return 'absent';
  const known = STATES[status];
  if (known !== undefined) return known;
  return status.endsWith('_IN_PROGRESS') ? 'busy' : 'stuck';
}

/** Whether an operation that ended with this status did what was asked. */
export function succeeded(status: string | undefined): boolean {
  return /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status ?? '');
}
