import { setTimeout as pause } from 'node:timers/promises';
import { cpuOf, cpuOfAll } from './process-usage.ts';
import { quantile, type Spread, spreadOf } from './quantiles.ts';

/** How long and how often is measured. */
export interface Windows {
  readonly seconds: number;
  readonly count: number;
  /** Before the first window: what is compiled and cached by then is no part of a figure. */
  readonly warmUpSeconds: number;
}

/** What one window has seen. Latencies in ms, CPU in cores (1: one core fully used). */
export interface WindowFigures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly hostCores: number;
  /** CPU of the host for one answer, in µs: what other programs on the machine change least. */
  readonly hostMicros: number;
  readonly loadCores: number;
  /** What all other programs used meanwhile. */
  readonly otherCores: number;
}

/** Others may use so much of the machine while a window is measured. */
const QUIET_CORES = 0.25;
/** So many windows are measured for each that is wanted before noisy ones are taken. */
const TRIES = 4;

/** The same over all windows. */
export type FiguresSpread = { readonly [Figure in keyof WindowFigures]: Spread };

/** Takes down what was answered, window by window. */
export class Recording {
  #latenciesMs: number[] = [];

  answered(latencyMs: number): void {
    this.#latenciesMs.push(latencyMs);
  }

  /**
   * Lets the warm-up pass, then each window; answers the figures of those in which other programs used the least CPU, in order of
   * that. Where there are enough quiet ones it ends, else after four times as many. No figure itself decides which ones count.
   * `hostPid` is whose CPU is told beside this process's.
   */
  async measure({ seconds, count, warmUpSeconds }: Windows, hostPid: number): Promise<WindowFigures[]> {
    await pause(warmUpSeconds * 1000);
    const figures: WindowFigures[] = [];
    const quiet = () => figures.filter(({ otherCores }) => otherCores <= QUIET_CORES).length;
    while (quiet() < count && figures.length < TRIES * count) {
      this.#latenciesMs = [];
      const before = usageNow(hostPid);
      await pause(seconds * 1000);
      const after = usageNow(hostPid);
      const latenciesMs = this.#latenciesMs;
      const tookMs = after.atMs - before.atMs;
      const ownMs = after.hostMs - before.hostMs + (after.loadMs - before.loadMs);
      figures.push({
        perSecond: (latenciesMs.length * 1000) / tookMs,
        p50Ms: quantile(latenciesMs, 0.5),
        p99Ms: quantile(latenciesMs, 0.99),
        hostMicros: ((after.hostMs - before.hostMs) * 1000) / latenciesMs.length,
        hostCores: (after.hostMs - before.hostMs) / tookMs,
        loadCores: (after.loadMs - before.loadMs) / tookMs,
        otherCores: Math.max(0, after.allMs - before.allMs - ownMs) / tookMs,
      });
    }
    return figures.toSorted((a, b) => a.otherCores - b.otherCores).slice(0, count);
  }
}

/** A moment: when it was, and the CPU time that the host, this process and the whole machine have used so far; all in ms. */
export interface Usage {
  readonly atMs: number;
  readonly hostMs: number;
  readonly loadMs: number;
  readonly allMs: number;
}

/** This moment. */
export function usageNow(hostPid: number): Usage {
  return {
    atMs: performance.now(),
    hostMs: cpuOf(hostPid),
    loadMs: cpuOf(process.pid),
    allMs: cpuOfAll(),
  };
}

/** Median, least and most of each figure. */
export function spreadOfWindows(windows: readonly WindowFigures[]): FiguresSpread {
  const of = (figure: keyof WindowFigures) => spreadOf(windows.map((window) => window[figure]));
  return {
    perSecond: of('perSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    hostCores: of('hostCores'),
    hostMicros: of('hostMicros'),
    loadCores: of('loadCores'),
    otherCores: of('otherCores'),
  };
}
