import { readFileSync } from 'node:fs';
import path from 'node:path';
import { spreadOf } from './quantiles.ts';

/** What held the host up within one second. */
export interface Stalls {
  /** The end of that second, milliseconds since 1970. */
  readonly atMs: number;
  /** How late the event loop was for a timer. */
  readonly loopP99Ms: number;
  readonly loopMostMs: number;
  /** Garbage collection, all of it and the longest. */
  readonly collectedMs: number;
  readonly collectionMostMs: number;
  /** The longest flush of the store's log. */
  readonly flushMostMs: number;
}

/** Names the file that the probe writes to. */
export const STALLS_FILE = 'EVENKEEL_BENCH_STALLS';

/** What a host is started with (`NODE_OPTIONS`) so that it writes down what holds it up. */
export const PROBE_OPTION = `--import=${path.join(import.meta.dirname, 'stall-probe.ts')}`;

/** Seconds of that file between two moments, as spreads over the seconds. */
export function stallsBetween(file: string, fromMs: number, toMs: number) {
  const seconds = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Stalls)
    .filter(({ atMs }) => atMs > fromMs && atMs <= toMs);
  const of = (figure: keyof Stalls) => spreadOf(seconds.map((one) => one[figure]));
  return {
    loopP99Ms: of('loopP99Ms'),
    loopMostMs: of('loopMostMs'),
    collectedMs: of('collectedMs'),
    collectionMostMs: of('collectionMostMs'),
    flushMostMs: of('flushMostMs'),
  };
}
