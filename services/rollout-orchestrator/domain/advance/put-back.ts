import { notAhead } from '../clock/ahead.ts';
import type { Progress } from './progress.ts';

/**
 * A progress without times that lie ahead, because the clock has been put back since: permits would be young, and the pace reached, until it
 * is there again.
 */
export function putBack(progress: Progress, nowMs: number): Progress {
  const { stageOpenedMs, evidenceSinceMs, lastGrantMs, cursor, marks, paceMarks } = progress;
  return {
    ...progress,
    stageOpenedMs: notAhead(stageOpenedMs, nowMs),
    ...(evidenceSinceMs !== undefined && { evidenceSinceMs: notAhead(evidenceSinceMs, nowMs) }),
    ...(lastGrantMs !== undefined && { lastGrantMs: notAhead(lastGrantMs, nowMs) }),
    cursor: { ...cursor, movedMs: notAhead(cursor.movedMs, nowMs) },
    marks: marks.map((mark) => ({ ...mark, startedMs: notAhead(mark.startedMs, nowMs) })),
    paceMarks: paceMarks.map((mark) => ({ ...mark, atMs: notAhead(mark.atMs, nowMs) })),
  };
}
