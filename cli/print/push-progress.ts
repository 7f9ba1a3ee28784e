import type { PushProgress } from '../actions/push-release.ts';
import type { Io } from '../io.ts';
import { bar } from './bar.ts';
import { LiveText } from './live-text.ts';
import { bytes } from './units.ts';

const BAR_WIDTH = 30;
/** Where nobody looks at a terminal, lines add up: one for each step, and one so often while it lasts. */
const LINE_MS = 2_000;
/** A terminal need not be redrawn more often than anybody can see. */
const REDRAW_MS = 50;

/** Shows a push: on a terminal one line drawn over itself, elsewhere a line for each step and every 2 s. Call `end` when it is over. */
export function pushProgress(io: Io): {
  readonly show: (progress: PushProgress) => void;
  readonly end: () => void;
} {
  return io.errIsTerminal ? live(io) : lines(io);
}

function live({ err, size, world }: Io): ReturnType<typeof pushProgress> {
  const text = new LiveText(err, size);
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let startedAtMs = world.monotonicMs();
  let step = '';
  return {
    show: (progress) => {
      const nowMs = world.monotonicMs();
      const isNew = progress.step !== step;
      if (isNew) startedAtMs = nowMs;
      if (!isNew && progress.bytes < progress.totalBytes && nowMs - drawnAtMs < REDRAW_MS) return;
      step = progress.step;
      drawnAtMs = nowMs;
      text.draw(lineOf(progress, nowMs - startedAtMs));
    },
    end: () => text.keep(),
  };
}

function lineOf({ step, bytes: done, totalBytes }: PushProgress, elapsedMs: number): string {
  if (step === 'verifying') return `verifying  ${bytes(totalBytes)} uploaded, waiting for the verdict`;
  const share = totalBytes === 0 ? 1 : done / totalBytes;
  const rate = elapsedMs < 200 ? '' : `  ${bytes((done / elapsedMs) * 1000)}/s`;
  return `${step.padEnd(10)} ${bar(share, BAR_WIDTH)} ${percentOf(share)} %  ${bytes(done)} of ${bytes(totalBytes)}${rate}`;
}

function lines({ err, world }: Io): ReturnType<typeof pushProgress> {
  let step = '';
  let toldAtMs = 0;
  return {
    show: ({ step: now, bytes: done, totalBytes }) => {
      const nowMs = world.monotonicMs();
      const isNew = now !== step;
      if (!isNew && (now === 'verifying' || nowMs - toldAtMs < LINE_MS)) return;
      step = now;
      toldAtMs = nowMs;
      if (isNew) err(now === 'verifying' ? 'verifying\n' : `${now} ${bytes(totalBytes)}\n`);
      else err(`${now} ${percentOf(totalBytes === 0 ? 1 : done / totalBytes)} % of ${bytes(totalBytes)}\n`);
    },
    end: () => undefined,
  };
}

function percentOf(share: number): number {
  return Math.floor(Math.min(1, share) * 100);
}
