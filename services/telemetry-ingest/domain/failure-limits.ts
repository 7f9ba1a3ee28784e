import { type Failure, type FailureKind, kindId } from './failure.ts';

/** Kinds that one rollout is counted by. Reasons and versions are whatever devices say: without a bound they never end. */
const KINDS_PER_ROLLOUT = 200;
/** Failures of one device in one rollout that count: more than any `retry` allows, too few to drown the others. */
export const FAILURES_PER_DEVICE = 20;

/** Where failures are counted whose kind would be one too many. */
const OTHER: FailureKind = { reason: 'other', hardware: 'other', version: 'other' };

/** The failures by the kind that they are counted under, given the ids of the kinds that the rollout already has. */
export function withinKinds(failures: readonly Failure[], known: ReadonlySet<string>): Failure[] {
  const kinds = new Set(known);
  return failures.map((failure) => {
    const id = kindId(failure.kind);
    if (!kinds.has(id) && kinds.size >= KINDS_PER_ROLLOUT) return { ...failure, kind: OTHER };
    kinds.add(id);
    return failure;
  });
}
