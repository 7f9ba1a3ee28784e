import { afterHeardMs, NEVER_AWAY, type TimesAway } from '../clock/away.ts';
import type { RolloutDocument } from '../document/rollout-document.ts';
import type { CompletionVerdict, CompletionWait } from '../stages/completion.ts';
import type { GateVerdict } from '../stages/gate.ts';
import type { Blocker } from '../widening/scope-window.ts';

/** What a stall is told by. Times in milliseconds since 1970. */
export interface StallView {
  readonly gate: GateVerdict;
  readonly completion: CompletionVerdict;
  /** The window of all first attempts together. */
  readonly pooled: { readonly room: number; readonly blockedBy: readonly Blocker[] };
  /** Since when the open stage could serve anybody, and when the last permit was granted. */
  readonly servesSinceMs: number;
  readonly lastGrantMs?: number;
  /** When devices could not be heard. */
  readonly away?: TimesAway;
}

/**
 * Why a rollout that runs does not go on, once it has not for `stallAfter`, or cannot by itself any more; `undefined` while it may. One
 * whose last stage is open ends by itself or is standing, unless attempts do not end or a count does not come.
 */
export function stallOf(
  { stallAfterMs }: Pick<RolloutDocument, 'stallAfterMs'>,
  { gate, completion, pooled, servesSinceMs, lastGrantMs = 0, away = NEVER_AWAY }: StallView,
  nowMs: number,
): string | undefined {
  if (gate.opens || completion.completes) return undefined;
  if (gate.waitsFor !== 'last-stage') {
    if (!gate.stalled) return undefined;
    return gate.waitsFor === 'evidence' ? `${gate.explanation}; ${permitsText(pooled)}` : gate.explanation;
  }
  const isEnding = ENDS_BY_TIME.includes(completion.waitsFor);
  const isLong = nowMs >= afterHeardMs(Math.max(servesSinceMs, lastGrantMs), stallAfterMs, away);
  return isLong && !isEnding ? completion.explanation : undefined;
}

/** What time ends, or is meant to go on: a standing rollout serves whoever comes. */
const ENDS_BY_TIME: readonly CompletionWait[] = ['settle', 'hold-out', 'standing'];

function permitsText({ room, blockedBy }: StallView['pooled']): string {
  if (room > 0) return 'permits are to be had, and no device asks for one';
  return `no permit is to be had: ${blockedBy.map((blocker) => BLOCKERS[blocker]).join(', ')}`;
}

const BLOCKERS: Readonly<Record<Blocker, string>> = {
  window: 'the window is full',
  suspects: 'too many are overdue',
  stage: 'the stage is full',
  pace: 'the pace is reached',
};
