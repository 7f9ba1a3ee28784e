import { describe, expect, it } from '@jest/globals';
import { pause } from '#shared/world/world.ts';
import { AsyncInvoker, type AsyncOptions } from './async-invoker.ts';
import { triggerHome } from './testing/trigger-home.ts';

function invokerOf(
  serve: (event: number, pauseMs: (ms: number) => Promise<void>) => Promise<unknown>,
  options: Partial<AsyncOptions> = {},
) {
  const home = triggerHome();
  const { world, log } = home;
  const givenUp: unknown[] = [];
  const invoker = new AsyncInvoker(
    {
      pool: home.pool((event: number) => serve(event, (ms) => pause(world, ms)), 900),
      world,
      log,
      onGivenUp: async (event, _error, attempts) => void givenUp.push([event, attempts]),
    },
    { maximumEventAgeSeconds: 60, maximumRetryAttempts: 0, concurrency: 2, ...options },
  );
  return { ...home, invoker, givenUp };
}

describe('asynchronous invocations', () => {
  it('run at once, at most so many at the same time, and the rest in order', async () => {
    const begun: number[] = [];
    const { invoker, world } = invokerOf(async (event, wait) => {
      begun.push(event);
      await wait(1_000);
    });
    for (const event of [1, 2, 3, 4]) expect(invoker.accept(event, 10)).toBe(true);
    await world.settle();
    expect(begun).toEqual([1, 2]);
    await world.advance(1_000);
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it('drop an event that has waited longer than its age allows, and count it', async () => {
    const begun: number[] = [];
    const { invoker, world, givenUp } = invokerOf(
      async (event, wait) => {
        begun.push(event);
        await wait(event === 1 ? 61_000 : 0);
      },
      { concurrency: 1 },
    );
    invoker.accept(1, 10);
    invoker.accept(2, 10);
    await world.advance(60_500);
    invoker.accept(3, 10);
    await world.advance(1_000);
    expect(begun).toEqual([1, 3]);
    expect(invoker.dropped).toBe(1);
    expect(givenUp).toEqual([]);
  });

  it('count what was never looked at because there was too much to do, and not what failed', async () => {
    const { invoker, world } = invokerOf(
      async (event, wait) => {
        if (event === 1) throw new Error('it cannot be read');
        await wait(event === 2 ? 1_000_000 : 0);
      },
      { concurrency: 1 },
    );
    for (const event of [1, 2, 3]) invoker.accept(event, 10);
    await world.advance(901_000);
    // The second ran into its time-out, and the third waited for it for too long.
    expect(invoker.counts).toEqual({ taken: 3, lost: 2 });
  });

  it('take no more than 10,000 events or 64 MB to wait', async () => {
    const { invoker } = invokerOf((_event, wait) => wait(1_000), { concurrency: 1 });
    invoker.accept(0, 10);
    for (let event = 1; event <= 10_000; event++) expect(invoker.accept(event, 10)).toBe(true);
    expect(invoker.accept(10_001, 10)).toBe(false);
    expect(invoker.dropped).toBe(1);
    const large = invokerOf((_event, wait) => wait(1_000), { concurrency: 1 }).invoker;
    large.accept(0, 10);
    for (let event = 1; event <= 512; event++) expect(large.accept(event, 131_072)).toBe(true);
    expect(large.accept(513, 10)).toBe(false);
  });

  it('say in one line how many were dropped in ten seconds', async () => {
    const { invoker, world, lines } = invokerOf((_event, wait) => wait(60_000), { concurrency: 1 });
    for (let event = 0; event <= 10_003; event++) invoker.accept(event, 10);
    await world.advance(10_000);
    for (let event = 0; event < 2; event++) invoker.accept(event, 10);
    await world.advance(10_000);
    await world.advance(30_000);
    expect(lines.filter(({ level }) => level === 'WARN')).toMatchObject([
      { function: 'fixture', dropped: 3 },
      { function: 'fixture', dropped: 2 },
    ]);
  });

  it('try again after one minute and after two, and then give the event up', async () => {
    const atMs: number[] = [];
    const { invoker, world, givenUp } = invokerOf(
      async () => {
        atMs.push(world.monotonicMs());
        throw new Error('never');
      },
      { maximumRetryAttempts: 2 },
    );
    invoker.accept(7, 10);
    await world.advance(600_000);
    expect(atMs).toEqual([0, 60_000, 180_000]);
    expect(givenUp).toEqual([[7, 3]]);
  });

  it('stop once what runs has ended, and begin nothing more', async () => {
    const ended: number[] = [];
    const { invoker, world } = invokerOf(
      async (event, wait) => {
        await wait(1_000);
        ended.push(event);
      },
      { concurrency: 1 },
    );
    invoker.accept(1, 10);
    invoker.accept(2, 10);
    const stopped = invoker.stop();
    await world.advance(5_000);
    await stopped;
    expect(ended).toEqual([1]);
    expect(invoker.accept(3, 10)).toBe(false);
  });
});
