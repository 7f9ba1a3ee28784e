import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import type { WorldView } from './simulated-world.ts';

/** What libraries reach for past the world that is passed in, as it is outside of a history. */
const REAL = {
  Date: globalThis.Date,
  random: Math.random,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  now: performance.now.bind(performance),
  randomUUID: crypto.randomUUID,
  randomBytes: crypto.randomBytes,
};

let view: WorldView | undefined;

/** From now on, until it is called without one, time and chance of the whole process are that view's. */
export function useWorld(next?: WorldView): void {
  view = next;
}

/** A date whose present is the world's. */
class SimulatedDate extends REAL.Date {
  // biome-ignore lint/suspicious/noExplicitAny: `Date` takes anything
  constructor(...from: any[]) {
    // The built-in constructor has an overload for each number of arguments, which no spread satisfies.
    super(...((from.length === 0 ? [SimulatedDate.now()] : from) as [number]));
  }

  static override now(): number {
    return view?.now() ?? REAL.Date.now();
  }
}

/** A pending timer, as far as anybody looks at it. */
interface SimulatedTimer {
  readonly cancel: () => void;
  ref(): SimulatedTimer;
  unref(): SimulatedTimer;
}

function setSimulatedTimeout(run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]): unknown {
  if (view === undefined) return REAL.setTimeout(run, delayMs, ...args);
  const timer: SimulatedTimer = {
    cancel: view.after(delayMs, () => run(...args)),
    ref: () => timer,
    unref: () => timer,
  };
  return timer;
}

function clearSimulatedTimeout(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'cancel' in timer) (timer as SimulatedTimer).cancel();
  else REAL.clearTimeout(timer as NodeJS.Timeout);
}

/**
 * Puts clock, timers and chance of the process behind the world, once: with an injected clock and injected ids alone a history is
 * not the same twice, because libraries reach for the globals. For a process of its own, never inside jest.
 */
export function simulateGlobals(): void {
  globalThis.Date = SimulatedDate as DateConstructor;
  Math.random = () => view?.random() ?? REAL.random();
  performance.now = () => view?.monotonicMs() ?? REAL.now();
  const timeouts = { setTimeout: setSimulatedTimeout, clearTimeout: clearSimulatedTimeout };
  Object.assign(globalThis, timeouts);
  Object.assign(timers, timeouts);
  Object.assign(crypto, {
    randomBytes: (size: number) =>
      view === undefined ? REAL.randomBytes(size) : Buffer.from(view.randomBytes(size)),
    randomUUID: () => (view === undefined ? REAL.randomUUID() : uuidOf(view.randomBytes(16))),
  });
  syncBuiltinESMExports();
}

function uuidOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
