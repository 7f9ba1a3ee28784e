import { setTimeout as pause } from 'node:timers/promises';
import { cpuOf } from './process-usage.ts';
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
}

/** The same over all windows. */
export type FiguresSpread = { readonly [Figure in keyof WindowFigures]: Spread };

/** Takes down what was answered, window by window. */
export class Recording {
  #latenciesMs: number[] = [];

  answered(latencyMs: number): void {
    this.#latenciesMs.push(latencyMs);
  }

  /** Lets the warm-up pass, then each window; answers their figures. `hostPid` is whose CPU is told beside this process's. */
  async measure({ seconds, count, warmUpSeconds }: Windows, hostPid: number): Promise<WindowFigures[]> {
    await pause(warmUpSeconds * 1000);
    const figures: WindowFigures[] = [];
    for (let window = 0; window < count; window++) {
      this.#latenciesMs = [];
      const before = usageNow(hostPid);
      await pause(seconds * 1000);
      const after = usageNow(hostPid);
      const latenciesMs = this.#latenciesMs;
      const tookMs = after.atMs - before.atMs;
      figures.push({
        perSecond: (latenciesMs.length * 1000) / tookMs,
        p50Ms: quantile(latenciesMs, 0.5),
        p99Ms: quantile(latenciesMs, 0.99),
        hostMicros: ((after.hostMs - before.hostMs) * 1000) / latenciesMs.length,
        hostCores: (after.hostMs - before.hostMs) / tookMs,
        loadCores: (after.loadMs - before.loadMs) / tookMs,
      });
    }
    return figures;
  }
}

/** Time, and CPU time that the host and this process have used so far, in ms. */
export function usageNow(hostPid: number): { atMs: number; hostMs: number; loadMs: number } {
  return { atMs: performance.now(), hostMs: cpuOf(hostPid), loadMs: cpuOf(process.pid) };
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
  };
}
