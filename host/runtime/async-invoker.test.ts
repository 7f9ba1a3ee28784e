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
      onGivenUp: async (event, { attempts, condition }) => void givenUp.push([event, attempts, condition]),
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

  it('drop an event that has waited longer than its age allows, count it and give it up', async () => {
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
    expect(givenUp).toEqual([[2, 0, 'EventAgeExceeded']]);
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

  it('have room for eight of one sender, whose others are dropped as its own and count as no loss', async () => {
    const begun: number[] = [];
    const { invoker, world, lines } = invokerOf(
      async (event, wait) => {
        begun.push(event);
        await wait(1_000);
      },
      { concurrency: 1 },
    );
    const taken = Array.from({ length: 500 }, (_, event) => invoker.accept(event, 10, 'flooding'));
    expect(taken.filter(Boolean)).toHaveLength(8);
    expect(invoker.accept(1_000, 10, 'other')).toBe(true);
    await world.advance(20_000);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 1_000]);
    expect([invoker.dropped, invoker.beyondShare]).toEqual([0, 492]);
    expect(invoker.counts).toEqual({ taken: 2, lost: 0 });
    expect(lines).toMatchObject([{ level: 'WARN', beyondShare: 492, client: 'flooding' }]);
    expect(invoker.accept(1_001, 10, 'flooding')).toBe(true);
  });

  it('count a sender that asks while answers are late as one, lost where what it asked last is', async () => {
    const { invoker, world } = invokerOf((event, wait) => wait(event === 0 ? 70_000 : 0), { concurrency: 1 });
    invoker.accept(0, 10, 'long');
    for (let event = 1; event <= 5; event++) invoker.accept(event, 10, 'impatient');
    invoker.accept(6, 10, 'patient');
    await world.advance(30_000);
    invoker.accept(7, 10, 'impatient');
    await world.advance(100_000);
    // Of the impatient one five were too old when their turn came, and the sixth was looked at.
    expect(invoker.dropped).toBe(6);
    expect(invoker.counts).toEqual({ taken: 3, lost: 1 });
  });

  it('count a sender by what it asked last, whichever ends first', async () => {
    const { invoker, world } = invokerOf((ms, wait) => wait(ms), { concurrency: 4 });
    // What runs for longer than the time-out is lost.
    for (const ms of [1_000_000, 1_000]) invoker.accept(ms, 10, 'was-heard');
    for (const ms of [1_000, 1_000_000]) invoker.accept(ms, 10, 'was-not');
    await world.advance(901_000);
    expect(invoker.counts).toEqual({ taken: 2, lost: 1 });
  });

  it('count a sender once in ten seconds, so that one which is heard all the time hides no loss of others', async () => {
    const { invoker, world } = invokerOf(async () => undefined);
    for (let n = 0; n < 200; n++) {
      invoker.accept(n, 10, 'flooding');
      await world.advance(50);
    }
    expect(invoker.counts).toEqual({ taken: 1, lost: 0 });
    await world.advance(10_000);
    invoker.accept(0, 10, 'flooding');
    expect(invoker.counts).toEqual({ taken: 2, lost: 0 });
  });

  it('say in one line how many ran out of time in ten seconds', async () => {
    const { invoker, world, lines } = invokerOf((_event, wait) => wait(1_000_000), { concurrency: 256 });
    for (let event = 0; event < 200; event++) invoker.accept(event, 10);
    await world.advance(920_000);
    expect(lines).toEqual([expect.objectContaining({ level: 'WARN', function: 'fixture', timedOut: 200 })]);
  });

  it('say of a fault what is lost by it, in one line', async () => {
    const fails = async () => {
      throw new Error('it cannot be read');
    };
    const { world, log, lines, pool } = triggerHome();
    const options = { maximumEventAgeSeconds: 60, maximumRetryAttempts: 0, concurrency: 2 };
    new AsyncInvoker({ pool: pool(fails), world, log }, options).accept({ n: 7 }, 10);
    await world.advance(20_000);
    expect(lines).toEqual([
      expect.objectContaining({ level: 'ERROR', errorMessage: 'it cannot be read', lost: '{"n":7}' }),
    ]);
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
    expect(givenUp).toEqual([[7, 3, 'RetriesExhausted']]);
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
