import { ForbiddenError, RefusedError, WrongStateError } from '#shared/errors/errors.ts';
import type { RolloutDocument } from '../document/rollout-document.ts';

/** That somebody approved the document of a rollout. */
export interface Approval {
  /** As the audit log names people. */
  readonly by: string;
  readonly atMs: number;
}

/** Who has approved a document, and how many are missing. */
export interface Approvals {
  readonly needed: number;
  /** Oldest first, everybody once; never who created the rollout. */
  readonly given: readonly Approval[];
  /** 0: it may be launched. */
  readonly missing: number;
}

/** An approval that is asked for: by whom, and the sha256 of the document that was looked at. */
export interface ApprovalAsked {
  readonly by: string;
  readonly documentSha256: string;
}

/**
 * Where a document stands with its approvals. `given` are those of this very document, in any order; one of who created the rollout,
 * and a second one by the same person, count for nothing.
 */
export function approvalsOf(
  { approvals: needed = 0 }: Pick<RolloutDocument, 'approvals'>,
  createdBy: string,
  given: readonly Approval[],
): Approvals {
  const byPerson = new Map<string, Approval>();
  for (const one of given.toSorted((a, b) => a.atMs - b.atMs)) {
    if (one.by !== createdBy && !byPerson.has(one.by)) byPerson.set(one.by, one);
  }
  const people = [...byPerson.values()];
  return { needed, given: people, missing: Math.max(0, needed - people.length) };
}

/**
 * Whether an approval is to be written down: `false` for one that has been, which is as good.
 *
 * Throws `RefusedError` where another document was looked at, `ForbiddenError` for who created the rollout, `WrongStateError` where
 * nothing is missing.
 */
export function isNewApproval(
  { needed, given, missing }: Approvals,
  { by, documentSha256 }: ApprovalAsked,
  rollout: { readonly createdBy: string; readonly documentSha256: string },
): boolean {
  if (documentSha256 !== rollout.documentSha256) {
    throw new RefusedError('documentSha256', `must be that of the rollout's document: look at it again`);
  }
  if (by === rollout.createdBy) {
    throw new ForbiddenError('approver', `must be somebody else than ${by}, who created the rollout`);
  }
  if (given.some((one) => one.by === by)) return false;
  if (missing > 0) return true;
  const has = needed === 0 ? 'needs no approval' : `has the ${needed} approvals that it needs`;
  throw new WrongStateError('rollout', has);
}
