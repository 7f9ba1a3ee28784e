import type { BulkProgress } from '../bulk/run-bulk.ts';
import type { Io } from '../io.ts';
import { bar } from './bar.ts';
import { LiveText } from './live-text.ts';
import { duration } from './units.ts';

const BAR_WIDTH = 30;
/** A terminal need not be redrawn more often than anybody can see. */
const REDRAW_MS = 100;
/** Elsewhere a line so often. */
const LINE_MS = 10_000;
/** What is over by then needs no progress. */
const SILENT_MS = 1_000;
/** The rate is that of the last so many milliseconds: an earlier part that was there already was faster. */
const RATE_OVER_MS = 10_000;

/**
 * Shows how far a run over many devices is, with rate and time left: on a terminal one line drawn over itself, elsewhere a line each
 * ten seconds. `doing` is a word such as `registering`. Call `end` when it is over.
 */
export function bulkProgress(
  { err, errIsTerminal, size, world }: Io,
  doing: string,
): { readonly show: (progress: BulkProgress) => void; readonly end: () => void } {
  const text = errIsTerminal ? new LiveText(err, size) : undefined;
  const everyMs = errIsTerminal ? REDRAW_MS : LINE_MS;
  const startedAtMs = world.monotonicMs();
  let samples: { readonly atMs: number; readonly ended: number }[] = [{ atMs: startedAtMs, ended: 0 }];
  let shownAtMs = startedAtMs + SILENT_MS - everyMs;
  return {
    show: (progress) => {
      const nowMs = world.monotonicMs();
      // What stays on a terminal is how it ended.
      const isLast = text !== undefined && samples.length > 1 && progress.ended === progress.total;
      if (nowMs - shownAtMs < everyMs && !isLast) return;
      shownAtMs = nowMs;
      const last = samples.length - 1;
      samples = samples.filter(({ atMs }, at) => nowMs - atMs <= RATE_OVER_MS || at === last);
      const first = samples[0];
      const perMs = first === undefined ? 0 : (progress.ended - first.ended) / (nowMs - first.atMs);
      samples.push({ atMs: nowMs, ended: progress.ended });
      const line = lineOf(progress, perMs);
      if (text === undefined) err(`${doing}: ${line}\n`);
      else text.draw(`${doing} ${bar(progress.ended / progress.total, BAR_WIDTH)} ${line}`);
    },
    end: () => text?.keep(),
  };
}

function lineOf({ ended, failed, total }: BulkProgress, perMs: number): string {
  const left = perMs > 0 ? `, ${duration((total - ended) / perMs)} left` : '';
  const rate = `${(perMs * 1_000).toFixed(perMs >= 0.1 ? 0 : 1)} a second`;
  return `${ended} of ${total}, ${rate}${left}${failed > 0 ? `, ${failed} failed` : ''}`;
}
