import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Timer } from '../timer.ts';

/** A new group of timers for one test. */
export interface OpenTimer {
  readonly timer: Timer;
  /** Bodies that have arrived in the timer's queue since the last call. */
  arrived(): Promise<readonly string[]>;
  now(): number;
  elapse(durationMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Longer than any queue can delay. */
const HOUR_MS = 60 * 60 * 1000;

/** What every implementation of `Timer` must do; `open` is called before each test. */
export function describeTimer(name: string, open: () => Promise<OpenTimer>): void {
  describe(`${name} as a timer`, () => {
    let opened: OpenTimer;
    let timer: Timer;
    beforeEach(async () => {
      opened = await open();
      timer = opened.timer;
    });
    afterEach(() => opened.close());

    test('sends its message at its time, once', async () => {
      await timer.set('a', opened.now() + HOUR_MS, 'wake');
      await opened.elapse(HOUR_MS - 1);
      expect(await opened.arrived()).toEqual([]);
      await opened.elapse(1);
      expect(await opened.arrived()).toEqual(['wake']);
      await opened.elapse(HOUR_MS);
      expect(await opened.arrived()).toEqual([]);
    });

    test('sends at once what is past', async () => {
      await timer.set('a', opened.now() - HOUR_MS, 'late');
      await opened.elapse(0);
      expect(await opened.arrived()).toEqual(['late']);
    });

    test('sends each of several in order of time, whatever the order they were set in', async () => {
      await timer.set('c', opened.now() + 3 * HOUR_MS, '3');
      await timer.set('a', opened.now() + HOUR_MS, '1');
      await timer.set('b', opened.now() + 2 * HOUR_MS, '2');
      for (const body of ['1', '2', '3']) {
        await opened.elapse(HOUR_MS);
        expect(await opened.arrived()).toEqual([body]);
      }
    });

    test('replaces the earlier timer of the same name, whether it is moved nearer or further', async () => {
      await timer.set('a', opened.now() + 2 * HOUR_MS, 'old');
      await timer.set('a', opened.now() + HOUR_MS, 'nearer');
      await timer.set('b', opened.now() + HOUR_MS, 'old');
      await timer.set('b', opened.now() + 2 * HOUR_MS, 'further');
      await opened.elapse(HOUR_MS);
      expect(await opened.arrived()).toEqual(['nearer']);
      await opened.elapse(HOUR_MS);
      expect(await opened.arrived()).toEqual(['further']);
    });

    test('sends nothing after it was cancelled, and finds nothing wrong in cancelling what is not there', async () => {
      await timer.set('a', opened.now() + HOUR_MS, 'wake');
      await timer.set('b', opened.now() + HOUR_MS, 'other');
      await timer.cancel('a');
      await timer.cancel('a');
      await opened.elapse(HOUR_MS);
      expect(await opened.arrived()).toEqual(['other']);
    });

    test('refuses a name, time or body that no schedule can have', async () => {
      const atMs = opened.now() + HOUR_MS;
      for (const name of ['', 'a b', 'a'.repeat(65), 'a/b']) {
        await expect(timer.set(name, atMs, 'x')).rejects.toThrow(RefusedError);
      }
      await expect(timer.set('a', Number.NaN, 'x')).rejects.toThrow(RefusedError);
      await expect(timer.set('a', atMs, '')).rejects.toThrow(RefusedError);
      await opened.elapse(HOUR_MS);
      expect(await opened.arrived()).toEqual([]);
    });
  });
}
