import { describe, expect, it } from '@jest/globals';
import { Woken } from './woken.ts';

/** Work whose every run ends when the test says so. */
function heldWork() {
  const runs: PromiseWithResolvers<void>[] = [];
  const faults: unknown[] = [];
  const woken = new Woken(
    () => {
      const run = Promise.withResolvers<void>();
      runs.push(run);
      return run.promise;
    },
    (error) => faults.push(error),
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { woken, runs, faults, turn };
}

describe('work that is woken', () => {
  it('runs once at a time, and once more however often it was woken meanwhile', async () => {
    const { woken, runs, turn } = heldWork();
    for (let times = 0; times < 3; times++) woken.wake();
    expect(runs).toHaveLength(1);
    runs[0]?.resolve();
    await turn();
    expect(runs).toHaveLength(2);
    runs[1]?.resolve();
    await woken.ended();
    await turn();
    expect(runs).toHaveLength(2);
    expect(woken.isRunning).toBe(false);
  });

  it('says what failed, and runs again all the same', async () => {
    const { woken, runs, faults, turn } = heldWork();
    woken.wake();
    runs[0]?.reject(new Error('unreadable'));
    await turn();
    expect(faults).toMatchObject([{ message: 'unreadable' }]);
    woken.wake();
    expect(runs).toHaveLength(2);
  });
});
