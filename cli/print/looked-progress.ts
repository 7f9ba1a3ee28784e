import type { Io } from '../io.ts';
import { LiveText } from './live-text.ts';

/** A terminal need not be redrawn more often than anybody can see; elsewhere a line so often. */
const REDRAW_MS = 100;
const LINE_MS = 10_000;
/** What is over by then needs no progress. */
const SILENT_MS = 1_000;

/**
 * Says how many devices of a fleet were looked at, while it goes on: on a terminal in one line that is drawn over, elsewhere a line each
 * ten seconds.
 */
export function lookedProgress({ err, errIsTerminal, size, world }: Io): {
  readonly show: (looked: number) => void;
  readonly end: () => void;
} {
  const live = errIsTerminal ? new LiveText(err, size) : undefined;
  const everyMs = live === undefined ? LINE_MS : REDRAW_MS;
  let shownAtMs = world.monotonicMs() + SILENT_MS - everyMs;
  let isDrawn = false;
  return {
    show: (looked) => {
      const nowMs = world.monotonicMs();
      if (nowMs - shownAtMs < everyMs) return;
      shownAtMs = nowMs;
      const text = `${looked} devices looked at so far`;
      if (live === undefined) err(`${text}\n`);
      else live.draw(text);
      isDrawn = true;
    },
    end: () => {
      if (isDrawn) live?.draw('');
    },
  };
}
