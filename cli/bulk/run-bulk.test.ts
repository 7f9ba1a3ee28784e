import { describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { pause } from '#shared/world/world.ts';
import { ApiError, FailedError, UnreachableError } from '../errors.ts';
import { type BulkProgress, type BulkResult, type Outcome, runBulk, type Turn } from './run-bulk.ts';

/** A run over numbers from 0 in a world of its own; `write` is what the backend does, `read` says what is so already. */
async function ran(
  count: number,
  write: (item: number, world: VirtualWorld) => Promise<void> | void,
  { perSecond = 10, read = () => false, stop = new AbortController().signal }: Partial<Given> = {},
) {
  const world = new VirtualWorld();
  const progress: BulkProgress[] = [];
  const beganAtMs: number[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const each = async (item: number, turn: Turn): Promise<Outcome> => {
    mostInFlight = Math.max(mostInFlight, ++inFlight);
    try {
      if (await turn.read(async () => read(item))) return 'already';
      await turn.write(async () => {
        beganAtMs.push(world.monotonicMs());
        await write(item, world);
      });
      return 'done';
    } finally {
      inFlight--;
    }
  };
  let result: BulkResult<number> | undefined;
  const running = runBulk(
    Array.from({ length: count }, (_, at) => at),
    each,
    { world, perSecond, stop, onProgress: (one) => progress.push(one) },
  ).then((ended) => {
    result = ended;
  });
  while (result === undefined) await world.advance(1_000);
  await running;
  return { ...result, progress, beganAtMs, mostInFlight };
}

interface Given {
  readonly perSecond: number;
  readonly read: (item: number) => boolean;
  readonly stop: AbortSignal;
}

const fault = () => {
  throw new ApiError(500, { code: 'internal', message: 'a fault' });
};

describe('a run over many', () => {
  test('begins so many writes a second, and no more at a time than there are connections', async () => {
    const slow = (_: number, world: VirtualWorld) => pause(world, 3_000);
    const fast = await ran(50, () => undefined);
    expect(fast).toMatchObject({ done: 50, already: 0, failed: [], notTried: [], endedBy: undefined });
    expect(fast.beganAtMs).toEqual(Array.from({ length: 50 }, (_, at) => at * 100));
    expect((await ran(50, slow)).mostInFlight).toBe(8);
  });

  test('passes over what is so already at a hundred a second, or faster where writes are', async () => {
    const read = (item: number) => item < 999;
    const { done, already, beganAtMs } = await ran(1_000, () => undefined, { read });
    expect([done, already, beganAtMs]).toEqual([1, 999, [9_990]]);
    expect((await ran(1_000, () => undefined, { read, perSecond: 1_000 })).beganAtMs).toEqual([999]);
  });

  test('goes on after items that are refused, and tells how far it is', async () => {
    const refused = new RefusedError('deviceId', 'must be short');
    const { done, failed, progress } = await ran(30, (item) => {
      if (item % 10 === 3) throw item === 3 ? refused : new FailedError('no');
    });
    expect(done).toBe(27);
    expect(failed.map(({ item }) => item)).toEqual([3, 13, 23]);
    expect(failed[0]?.error).toBe(refused);
    expect(progress.at(-1)).toEqual({ ended: 30, failed: 3, total: 30 });
  });

  test('tries again, at its pace, while the backend is away for as long as a start takes', async () => {
    const away = (_: number, world: VirtualWorld) => {
      if (world.monotonicMs() < 10_000) throw new UnreachableError('away', { mayHaveHappened: true });
    };
    const { done, beganAtMs } = await ran(20, away);
    expect(done).toBe(20);
    const gaps = beganAtMs.slice(1).map((at, i) => at - (beganAtMs[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(99);
  });

  test.each([
    ['the backend stays away', () => new UnreachableError('away', { mayHaveHappened: false })],
    ['the person may not', () => new ApiError(403, { code: 'forbidden', message: 'no' })],
    ['the token is no longer known', () => new ApiError(401, { code: 'unauthenticated', message: 'no' })],
    ['the disk is full', () => new Error('ENOSPC')],
  ])('ends when %s, and names what was not tried', async (_, thrown) => {
    const error = thrown();
    const { done, failed, notTried, endedBy } = await ran(100, (item) => {
      if (item >= 20) throw error;
    });
    expect(endedBy).toBe(error);
    expect(done).toBe(20);
    expect(failed.length).toBeLessThanOrEqual(8);
    expect(failed.length + notTried.length).toBe(80);
  });

  test('takes one that makes the backend fail for a bad item, and many in a row for a bad backend', async () => {
    const one = await ran(30, (item) => (item === 5 ? fault() : undefined));
    expect([one.done, one.failed.length, one.endedBy]).toEqual([29, 1, undefined]);
    const all = await ran(100, fault);
    expect(all.failed.length).toBeLessThanOrEqual(24);
    expect(all.endedBy).toBeInstanceOf(ApiError);
  });

  test('begins nothing more once it is stopped', async () => {
    const stop = new AbortController();
    const { done, failed, notTried, beganAtMs } = await ran(
      100,
      (item) => {
        if (item === 10) stop.abort();
      },
      { stop: stop.signal },
    );
    expect([done, failed]).toEqual([11, []]);
    expect(notTried).toEqual(Array.from({ length: 89 }, (_, at) => at + 11));
    expect(beganAtMs).toHaveLength(11);
  });
});
