import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { Deadlines } from './deadlines.ts';

test('lets everything that is not over fall due, at its time, in order', async () => {
  const entry = fc.record({ delayMs: fc.integer({ min: 0, max: 50 }), isOver: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(entry, { maxLength: 40 }), { maxLength: 5 }), async (rounds) => {
      const world = new VirtualWorld();
      const due: { readonly atMs: number; readonly dueMs: number }[] = [];
      const deadlines = new Deadlines<{ isOver: boolean; atMs: number }>(world, ({ atMs }) =>
        due.push({ atMs, dueMs: world.monotonicMs() }),
      );
      const expected: number[] = [];
      for (const round of rounds) {
        for (const { delayMs, isOver } of round) {
          const value = { isOver: false, atMs: world.monotonicMs() + delayMs };
          deadlines.add(delayMs, value);
          if (!isOver) expected.push(value.atMs);
          value.isOver = isOver;
          if (isOver) deadlines.noteOver();
        }
        await world.advance(10);
      }
      await world.advance(100);
      expect(due.map(({ atMs }) => atMs)).toEqual(expected.toSorted((a, b) => a - b));
      for (const { atMs, dueMs } of due) expect(dueMs).toBe(atMs);
    }),
  );
});

test('goes on with what is left after thousands were over', async () => {
  const world = new VirtualWorld();
  const due: number[] = [];
  const deadlines = new Deadlines<{ isOver: boolean; id: number }>(world, ({ id }) => due.push(id));
  for (let id = 0; id < 5_000; id++) {
    const value = { isOver: false, id };
    deadlines.add(1_000 - (id % 10), value);
    if (id % 100 === 42) continue;
    value.isOver = true;
    deadlines.noteOver();
  }
  await world.advance(1_000);
  expect(due).toEqual(Array.from({ length: 50 }, (_, at) => at * 100 + 42));
});

test('wakes nobody for what was over before its time', async () => {
  const world = new VirtualWorld();
  const wokenAtMs: number[] = [];
  const after = (delayMs: number, run: () => void) =>
    world.after(delayMs, () => {
      wokenAtMs.push(world.monotonicMs());
      run();
    });
  const counted = { after, monotonicMs: () => world.monotonicMs() };
  const deadlines = new Deadlines<{ isOver: boolean }>(counted, () => undefined);
  for (let delayMs = 10; delayMs <= 100; delayMs += 10) {
    const value = { isOver: false };
    deadlines.add(delayMs, value);
    value.isOver = delayMs < 100;
    if (value.isOver) deadlines.noteOver();
  }
  await world.advance(200);
  // The first timer was set before anything was over, and is not taken back.
  expect(wokenAtMs).toEqual([10, 100]);
});

test('lets nothing fall due once it is cleared', async () => {
  const world = new VirtualWorld();
  const due: unknown[] = [];
  const deadlines = new Deadlines(world, (value) => due.push(value));
  deadlines.add(10, { isOver: false });
  deadlines.clear();
  await world.advance(100);
  expect(due).toEqual([]);
});
