import type { RolloutDocument } from '../document/rollout-document.ts';
import { ceilingOfStage } from './stage-reach.ts';

/** What is known of a rollout whose last stage is open. */
export interface SettlingEvidence {
  readonly openedMs: number;
  readonly members: number;
  /** Granted and neither void nor transient. */
  readonly exposed: number;
  /** Permits whose attempt has not ended. */
  readonly unresolved: number;
  /** When the last permit was granted; absent when none was. */
  readonly lastGrantMs?: number;
  /** When a member last asked for a permit and did not get one; absent when none did. */
  readonly lastUnservedMs?: number;
  /** When the hold-out ends; absent where there is none. */
  readonly heldUntilMs?: number;
}

/** Whether the rollout is completed, or until what it is not. */
export type CompletionVerdict =
  | { readonly completes: true }
  | {
      readonly completes: false;
      readonly waitsFor: 'stages' | 'unresolved' | 'hold-out' | 'settle';
      readonly explanation: string;
    };

/**
 * A rollout completes when its last stage is open, nothing is unresolved, its hold-out has ended, and either the stage is full, so that nobody else could
 * be served, or no member was served or asked in vain for `settle`.
 */
export function decideCompletion(
  document: RolloutDocument,
  index: number,
  evidence: SettlingEvidence,
  nowMs: number,
): CompletionVerdict {
  const further = document.stages.length - 1 - index;
  const wait = (
    waitsFor: 'stages' | 'unresolved' | 'hold-out' | 'settle',
    explanation: string,
  ): CompletionVerdict => ({
    completes: false,
    waitsFor,
    explanation,
  });
  if (further > 0) return wait('stages', `${further} more stages are to open`);
  if (evidence.unresolved > 0) return wait('unresolved', `${evidence.unresolved} attempts have not ended`);
  const { heldUntilMs = 0 } = evidence;
  if (nowMs < heldUntilMs) {
    return wait('hold-out', `the hold-out ends at ${new Date(heldUntilMs).toISOString()}`);
  }
  const isFull =
    evidence.members > 0 && evidence.exposed >= ceilingOfStage(document, index, evidence.members);
  if (isFull) return { completes: true };
  const servedMs = Math.max(evidence.lastGrantMs ?? 0, evidence.lastUnservedMs ?? 0);
  const settlesMs = Math.max(evidence.openedMs, servedMs, heldUntilMs) + document.settleMs;
  if (nowMs >= settlesMs) return { completes: true };
  return wait('settle', `settles until ${new Date(settlesMs).toISOString()}`);
}
