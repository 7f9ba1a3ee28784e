import type { RolloutDocument } from '../document/rollout-document.ts';
import { cursorAtOpening, type OfferCursor } from '../stages/offer-cursor.ts';
import { stageAt } from '../stages/stage-reach.ts';
import type { EpochMark } from '../widening/epochs.ts';
import type { PaceMark } from '../widening/pace.ts';
import type { RolloutTally } from './tally-rollout.ts';

/** How far a rollout has come, as the last advance left it. Times in milliseconds since 1970. */
export interface Progress {
  /** Index of the open stage. */
  readonly stage: number;
  readonly stageOpenedMs: number;
  /** Counts before that stage could serve anybody, first attempts only; `unresolved` of them had not ended. */
  readonly before: Pick<RolloutTally, 'granted' | 'exposed' | 'good'> & { readonly unresolved: number };
  /** Since when the gate's evidence suffices. */
  readonly evidenceSinceMs?: number;
  readonly cursor: OfferCursor;
  readonly marks: readonly EpochMark[];
  readonly paceMarks: readonly PaceMark[];
  /** Permits of any attempt at the last look, and when they were last seen to grow. */
  readonly granted: number;
  readonly lastGrantMs?: number;
  /** As many are exposed as the open stage may expose. */
  readonly stageFull: boolean;
  /** Why it does not go on, once it has stalled. */
  readonly stalled?: string;
  /** The next look that has been asked for already. */
  readonly wakeAtMs?: number;
}

/** The progress of a rollout that has just been launched. */
export function firstProgress(nowMs: number): Progress {
  return {
    stage: 0,
    stageOpenedMs: nowMs,
    before: { granted: 0, exposed: 0, good: 0, unresolved: 0 },
    cursor: { upTo: 0, movedMs: nowMs },
    marks: [{ epoch: 1, startedMs: nowMs, granted: new Map() }],
    paceMarks: [],
    granted: 0,
    stageFull: false,
  };
}

/** The progress when the stage after the open one opens; `tally` is the rollout as it is then. Throws `RangeError` after the last. */
export function openNextStage(
  { stages }: Pick<RolloutDocument, 'stages'>,
  { progress, tally }: { readonly progress: Progress; readonly tally: RolloutTally },
  nowMs: number,
): Progress {
  const [from, to] = [stageAt({ stages }, progress.stage), stageAt({ stages }, progress.stage + 1)];
  return {
    ...withoutVerdicts(progress),
    stage: progress.stage + 1,
    stageOpenedMs: nowMs,
    before: countsBefore(tally),
    cursor: cursorAtOpening(progress.cursor, from, to, nowMs),
  };
}

/** What is kept of the counts before a stage serves anybody, so that its own can be told from them. */
export const countsBefore = ({ granted, exposed, good, pending }: RolloutTally): Progress['before'] => ({
  granted,
  exposed,
  good,
  unresolved: pending,
});

/** A progress without what a look finds anew: that the gate's evidence suffices, that it has stalled, and when to look again. */
export function withoutVerdicts(progress: Progress): Progress {
  const { evidenceSinceMs: _since, stalled: _stalled, wakeAtMs: _wake, ...kept } = progress;
  return kept;
}
