import { describe, expect, test } from '@jest/globals';
import { ConflictError, RefusedError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { pause } from '#shared/world/world.ts';
import { type Patience, retry } from './retry.ts';
import { retryStale } from './retry-stale.ts';

const PATIENCE = { tries: 5, firstPauseMs: 100 };
const isConflict = (thrown: unknown) => thrown instanceof ConflictError;

/** A world with a chance that is always the same, and when calls were made in it (milliseconds from the start). */
function inWorld(chance: number) {
  const world = new VirtualWorld();
  const calledAtMs: number[] = [];
  return {
    calledAtMs,
    needs: {
      clock: { pause: (delayMs: number) => pause(world, delayMs) },
      ids: { random: () => chance },
    },
    called: () => calledAtMs.push(world.monotonicMs()),
    /** How it ended, once all pauses are over. */
    async endOf<T>(running: Promise<T>): Promise<T | unknown> {
      const ending = running.catch((error: unknown) => error);
      await world.advance(60_000);
      return ending;
    },
  };
}

function callThatFails(times: number, called: () => void, error: Error = new ConflictError('met a write')) {
  let left = times;
  return async () => {
    called();
    if (left-- > 0) throw error;
    return 'done';
  };
}

const pausesOf = (calledAtMs: readonly number[]) =>
  calledAtMs.slice(1).map((at, i) => at - Number(calledAtMs[i]));

describe('a call that is tried again', () => {
  test('is made once when it succeeds', async () => {
    const { needs, called, calledAtMs, endOf } = inWorld(0.5);
    expect(await endOf(retry(callThatFails(0, called), PATIENCE, isConflict, needs))).toBe('done');
    expect(calledAtMs).toEqual([0]);
  });

  test('is made until it succeeds, after pauses that double, each a random part of its bound', async () => {
    const { needs, called, calledAtMs, endOf } = inWorld(0.5);
    expect(await endOf(retry(callThatFails(4, called), PATIENCE, isConflict, needs))).toBe('done');
    expect(pausesOf(calledAtMs)).toEqual([50, 100, 200, 400]);
  });

  test('pauses no longer than it was told to', async () => {
    const { needs, called, calledAtMs, endOf } = inWorld(0.5);
    const patience: Patience = { ...PATIENCE, longestPauseMs: 150 };
    await endOf(retry(callThatFails(4, called), patience, isConflict, needs));
    expect(pausesOf(calledAtMs)).toEqual([50, 75, 75, 75]);
  });

  test('throws what was thrown last after the last try, without another pause', async () => {
    const { needs, called, calledAtMs, endOf } = inWorld(0.5);
    const last = new ConflictError('met a write');
    expect(await endOf(retry(callThatFails(5, called, last), PATIENCE, isConflict, needs))).toBe(last);
    expect(calledAtMs).toEqual([0, 50, 150, 350, 750]);
  });

  test('throws at once what another try would not change', async () => {
    const { needs, called, calledAtMs, endOf } = inWorld(0.5);
    const refused = new RefusedError('tag', 'must be short');
    expect(await endOf(retry(callThatFails(1, called, refused), PATIENCE, isConflict, needs))).toBe(refused);
    expect(calledAtMs).toEqual([0]);
  });
});

describe('a decision that is saved', () => {
  test('is made anew while somebody else wrote in between', async () => {
    const { needs, called, calledAtMs, endOf } = inWorld(0.5);
    const saves = ['stale', 'stale', { revision: 3 }] as const;
    const attempt = async () => saves[called() - 1] ?? 'stale';
    expect(await endOf(retryStale(attempt, PATIENCE, needs, 'kept changing'))).toEqual({ revision: 3 });
    expect(pausesOf(calledAtMs)).toEqual([50, 100]);
  });

  test('ends in a conflict when all its tries were stale', async () => {
    const { needs, called, calledAtMs, endOf } = inWorld(0.5);
    const attempt = async () => {
      called();
      return 'stale' as const;
    };
    const end = await endOf(retryStale(attempt, PATIENCE, needs, 'the release kept changing'));
    expect(end).toEqual(new ConflictError('the release kept changing'));
    expect(calledAtMs).toHaveLength(5);
  });

  test('is not made again after a conflict that is not of its own save', async () => {
    const { needs, called, calledAtMs, endOf } = inWorld(0.5);
    const other = new ConflictError('another item');
    expect(await endOf(retryStale(callThatFails(1, called, other), PATIENCE, needs, 'kept changing'))).toBe(
      other,
    );
    expect(calledAtMs).toHaveLength(1);
  });
});
