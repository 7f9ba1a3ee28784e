import { describe, expect, it } from '@jest/globals';
import { sweepRegularly } from './sweeper.ts';

/** A clock that only work and waiting move, and what waits for it. */
function handWorld() {
  let nowMs = 0;
  const waiting: { readonly delayMs: number; readonly run: () => void }[] = [];
  return {
    monotonicMs: () => nowMs,
    after: (delayMs: number, run: () => void) => {
      const one = { delayMs, run };
      waiting.push(one);
      return () => void waiting.splice(waiting.indexOf(one), 1);
    },
    work: (ms: number) => {
      nowMs += ms;
    },
    waiting,
    /** Lets the next one run, and what follows from it; answers how long it has waited. */
    async next(): Promise<number> {
      const one = waiting.shift();
      if (one === undefined) throw new Error('nothing waits');
      nowMs += one.delayMs;
      one.run();
      await new Promise((resolve) => setImmediate(resolve));
      return one.delayMs;
    },
  };
}

const onDisk = async () => undefined;

describe('a sweep', () => {
  it('removes less at once, and rests, where each turn takes long until it is on disk', async () => {
    const world = handWorld();
    let left = 2_000;
    const limits: number[] = [];
    const step = (limit: number) => {
      limits.push(limit);
      const removed = Math.min(limit, left);
      left -= removed;
      return removed;
    };
    // A disk that takes a millisecond for each row.
    sweepRegularly(
      world,
      () => [step],
      async () => world.work(limits.at(-1) ?? 0),
    );
    const rests: number[] = [];
    while (left > 0) rests.push(await world.next());
    expect(limits.slice(0, 7)).toEqual([500, 250, 125, 62, 31, 25, 25]);
    expect(rests.slice(1, 5)).toEqual([1000, 500, 250, 124]);
  });

  it('goes on at once where it takes no time, and asks those again alone that have more', async () => {
    const world = handWorld();
    const calls = { much: 0, none: 0 };
    const steps = [
      (limit: number) => (++calls.much < 4 ? limit : 0),
      () => {
        calls.none += 1;
        return 0;
      },
    ];
    sweepRegularly(world, () => steps, onDisk);
    const rests = [await world.next(), await world.next(), await world.next(), await world.next()];
    expect(rests).toEqual([300_000, 0, 0, 0]);
    expect(calls).toEqual({ much: 4, none: 1 });
    expect(world.waiting).toMatchObject([{ delayMs: 300_000 }]);
  });

  it('ends while it waits for the disk', async () => {
    const world = handWorld();
    const disk = Promise.withResolvers<void>();
    const end = sweepRegularly(
      world,
      () => [(limit) => limit],
      () => disk.promise,
    );
    await world.next();
    end();
    disk.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.waiting).toEqual([]);
  });
});
