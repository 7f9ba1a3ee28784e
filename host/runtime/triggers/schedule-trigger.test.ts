import { describe, expect, it } from '@jest/globals';
import { AsyncInvoker } from '../async-invoker.ts';
import { triggerHome } from '../testing/trigger-home.ts';
import { ScheduleTrigger } from './schedule-trigger.ts';

function everyMinute(timersRunEarlyByMs = 0) {
  const { world, log, pool } = triggerHome();
  const seenMs: number[] = [];
  const invoker = new AsyncInvoker(
    {
      pool: pool(async () => seenMs.push(world.monotonicMs())),
      world,
      log,
    },
    { maximumEventAgeSeconds: 60, maximumRetryAttempts: 0, concurrency: 1 },
  );
  const clock = {
    now: () => world.now(),
    after: (delayMs: number, run: () => void) => world.after(delayMs - timersRunEarlyByMs, run),
  };
  const trigger = new ScheduleTrigger('minute', invoker, clock, { everySeconds: 60 });
  return { world, seenMs, trigger };
}

describe('a schedule', () => {
  it('runs at whole multiples of its period, however late it begins', async () => {
    const { world, seenMs, trigger } = everyMinute();
    await world.advance(10_000);
    trigger.start();
    await world.advance(120_000);
    expect(seenMs).toEqual([60_000, 120_000]);
  });

  it('runs once for each time although its timers are early', async () => {
    const { world, seenMs, trigger } = everyMinute(5);
    trigger.start();
    await world.advance(180_000);
    expect(seenMs).toEqual([59_995, 119_995, 179_995]);
  });

  it('goes on when the clock is put back or forward', async () => {
    const { world, seenMs, trigger } = everyMinute();
    trigger.start();
    await world.advance(60_000);
    world.putClock(-3_600_000);
    await world.advance(120_000);
    expect(seenMs.length).toBeGreaterThanOrEqual(2);
    world.putClock(2 * 3_600_000);
    await world.advance(120_000);
    expect(seenMs.length).toBeGreaterThanOrEqual(4);
  });

  it('does not run any more once it is stopped', async () => {
    const { world, seenMs, trigger } = everyMinute();
    trigger.start();
    await trigger.stop();
    await world.advance(300_000);
    expect(seenMs).toEqual([]);
  });
});
