import { afterEach, expect, test } from '@jest/globals';
import { onStopSignal } from './on-stop-signal.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const before = SIGNALS.map((signal) => process.listeners(signal));
afterEach(() => {
  for (const [at, signal] of SIGNALS.entries())
    for (const listener of process.listeners(signal))
      if (!before[at]?.includes(listener)) process.off(signal, listener);
});

test('what a launcher passes on is no second wish; what comes a second later is', () => {
  let nowMs = 5_000;
  const heard: string[] = [];
  onStopSignal(
    { monotonicMs: () => nowMs },
    {
      stop: (signal) => heard.push(`stop ${signal}`),
      giveUp: (signal) => heard.push(`give up ${signal}`),
    },
  );
  process.emit('SIGINT');
  process.emit('SIGINT');
  nowMs += 999;
  process.emit('SIGTERM');
  expect(heard).toEqual(['stop SIGINT']);
  nowMs += 1;
  process.emit('SIGINT');
  expect(heard).toEqual(['stop SIGINT', 'give up SIGINT']);
});
