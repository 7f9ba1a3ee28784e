import { countOf, type KindCounts, RETURNED_KINDS, SCORED_KINDS } from '../counting/counter-kinds.ts';
import { UnreadableEvidenceError } from '../halting/unreadable-evidence.ts';

/** Why no further permit is granted in a scope, for display. */
export type Blocker = 'window' | 'suspects' | 'stage' | 'pace';

/** Permits and counts of one scope, the old ones apart. */
export interface ScopeState {
  readonly granted: number;
  readonly counts: KindCounts;
  readonly old: { readonly granted: number; readonly counts: KindCounts };
}

/** The window of one scope: all cohorts together, or one of them. */
export interface ScopeWindow {
  readonly granted: number;
  /** Permits that are young, resolved or not: their slow siblings could not have failed yet. */
  readonly young: number;
  /** Permits that are no longer young and unresolved. */
  readonly suspects: number;
  /** So many may be young or suspect together. */
  readonly window: number;
  /** How many permits may have been granted in all; absolute, so that concurrent grants need no recomputation. */
  readonly ceiling: number;
  /** How many more may be granted now. */
  readonly room: number;
  /** Which rules leave no room; empty while there is some. */
  readonly blockedBy: readonly Blocker[];
}

/** Permits of one scope that have not made way: young ones, resolved or not, and suspects. */
export interface Outstanding {
  readonly young: number;
  readonly suspects: number;
  /** Ends that make way for others: void and transient at once, the others when they are no longer young. */
  readonly madeWay: number;
}

/**
 * Splits the permits of a scope into young, suspect and out of the way.
 *
 * @throws UnreadableEvidenceError when more was counted than granted
 */
export function outstandingOf(field: string, { granted, counts, old }: ScopeState): Outstanding {
  const returned = countOf(counts, RETURNED_KINDS);
  const returnedOld = countOf(old.counts, RETURNED_KINDS);
  const resolvedOld = countOf(old.counts, [...SCORED_KINDS, 'excused']);
  const young = granted - old.granted - (returned - returnedOld);
  const suspects = old.granted - returnedOld - resolvedOld;
  if (young < 0 || suspects < 0) {
    throw new UnreadableEvidenceError(field, `counts leave ${young} young and ${suspects} suspect permits`);
  }
  return { young, suspects, madeWay: returned + resolvedOld };
}

/** Growth of a window, see `Pace` of the rollout document. */
export interface Growth {
  /** W0: permits that may be outstanding before anything is known. */
  readonly firstWindow: number;
  /** Permits that may be outstanding for each good one that is no longer young. */
  readonly growth: number;
}

/** The window that so many proven permits have earned. */
export const windowSize = ({ firstWindow, growth }: Growth, goodOld: number): number =>
  Math.max(firstWindow, Math.floor(growth * goodOld));

/** The window of a scope under the ceilings of all rules, each an absolute number of permits. */
export function scopeWindow(
  granted: number,
  { young, suspects, madeWay }: Outstanding,
  window: number,
  limits: Readonly<Partial<Record<Exclude<Blocker, 'window'>, number>>>,
): ScopeWindow {
  const ceilings: readonly (readonly [Blocker, number])[] = [
    ['window', window + madeWay],
    ['suspects', limits.suspects ?? Number.POSITIVE_INFINITY],
    ['stage', limits.stage ?? Number.POSITIVE_INFINITY],
    ['pace', limits.pace ?? Number.POSITIVE_INFINITY],
  ];
  const ceiling = Math.min(...ceilings.map(([, limit]) => limit));
  return {
    granted,
    young,
    suspects,
    window,
    ceiling,
    room: Math.max(0, ceiling - granted),
    blockedBy: ceilings.filter(([, limit]) => limit <= granted).map(([blocker]) => blocker),
  };
}
