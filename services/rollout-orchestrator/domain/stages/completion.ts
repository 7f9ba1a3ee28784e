import { printDuration } from '#shared/contracts/duration.ts';
import { afterHeardMs, NEVER_AWAY, type TimesAway } from '../clock/away.ts';
import type { RolloutDocument } from '../document/rollout-document.ts';
import { settlesWithinMs } from './settle.ts';
import { ceilingOfStage } from './stage-reach.ts';

/** What is known of a rollout whose last stage is open. */
export interface SettlingEvidence {
  /** Since when the last stage could serve anybody. */
  readonly openedMs: number;
  readonly members: number;
  /** Granted and neither void nor transient. */
  readonly exposed: number;
  /** Devices that were proved to run the release, by whichever of their attempts. */
  readonly proven: number;
  /** Attempts that were excused, so that another may follow. */
  readonly excused: number;
  /** Permits whose attempt has not ended. */
  readonly unresolved: number;
  /** When the last permit was granted, of whichever attempt; absent when none was. */
  readonly lastGrantMs?: number;
  /** When the count of the members began; absent where none has come. */
  readonly countBeganMs?: number;
  /** When a member last asked for a permit and did not get one; absent when none did. */
  readonly lastUnservedMs?: number;
  /** When the hold-out ends; absent where there is none. */
  readonly heldUntilMs?: number;
  /** When devices could not be heard: nobody can have asked in that time, nor have been served. */
  readonly away?: TimesAway;
}

/** What keeps a rollout from being completed; `count`: the members must be counted once more. */
export type CompletionWait = 'stages' | 'standing' | 'unresolved' | 'hold-out' | 'count' | 'settle';

/** Whether the rollout is completed and why, or until what it is not. */
export type CompletionVerdict =
  | { readonly completes: true; readonly explanation: string }
  | {
      readonly completes: false;
      readonly waitsFor: CompletionWait;
      readonly explanation: string;
    };

/**
 * A rollout completes when its last stage is open, nothing is unresolved, its hold-out has ended, and either nobody else could be served, or
 * no member was served or asked in vain for `settle` (see `settlesWithinMs`), while devices could be heard. Nobody else could be served where the stage is full by a
 * count that began after the last permit (devices come, and are first seen, in between), and no device that failed, or was excused, has an
 * attempt left. A standing one never completes by itself.
 */
export function decideCompletion(
  document: RolloutDocument,
  index: number,
  evidence: SettlingEvidence,
  nowMs: number,
): CompletionVerdict {
  const further = document.stages.length - 1 - index;
  const wait = (waitsFor: CompletionWait, explanation: string): CompletionVerdict => ({
    completes: false,
    waitsFor,
    explanation,
  });
  if (further > 0) return wait('stages', `${further} more stages are to open`);
  if (document.standing)
    return wait('standing', 'serves devices that come later, until it is completed by hand');
  if (evidence.unresolved > 0) return wait('unresolved', `${evidence.unresolved} attempts have not ended`);
  const { heldUntilMs = 0 } = evidence;
  if (nowMs < heldUntilMs) {
    return wait('hold-out', `the hold-out ends at ${new Date(heldUntilMs).toISOString()}`);
  }
  const { openedMs, lastGrantMs = 0, lastUnservedMs = 0, countBeganMs = 0, away = NEVER_AWAY } = evidence;
  const settlesSinceMs = Math.max(openedMs, lastGrantMs, lastUnservedMs, heldUntilMs);
  const withinMs = settlesWithinMs(document);
  const settlesMs = afterHeardMs(settlesSinceMs, withinMs, away);
  if (nowMs >= settlesMs) {
    const settled = printDuration(withinMs);
    return {
      completes: true,
      explanation: `no member has been served, or has asked in vain, for ${settled}${unprovenText(evidence)}`,
    };
  }
  if (!isServed(document, index, evidence))
    return wait('settle', `settles until ${new Date(settlesMs).toISOString()}`);
  if (countBeganMs < lastGrantMs) return wait('count', 'waits for its members to be counted once more');
  const { exposed, members } = evidence;
  const served = `${exposed} of ${members} members were served, all that may be`;
  return { completes: true, explanation: served + unprovenText(evidence) };
}

/** Completed is not the same as good: what stayed below the halting line is said with the end. */
function unprovenText({ exposed, proven }: SettlingEvidence): string {
  const unproven = exposed - proven;
  return unproven > 0 ? `; ${unproven} of ${exposed} served were not seen to run the release` : '';
}

/** Whether all that may be exposed are, and none of them is owed another attempt. */
function isServed(
  document: RolloutDocument,
  index: number,
  { members, exposed, proven, excused }: SettlingEvidence,
): boolean {
  const isFull = members > 0 && exposed >= Math.min(members, ceilingOfStage(document, index, members));
  const isOwedNone = document.retry.attempts === 1 && excused === 0;
  return isFull && (isOwedNone || proven >= exposed);
}
