import { expect, test } from '@jest/globals';
import { openStore } from '#host/testing/open-store.ts';
import { ServedTime } from './served-time.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test('what waited unread is still there when the machine was off for longer than it is kept', async () => {
  const opened = openStore();
  const table = opened.store.table({ name: 'devices', stream: true });
  await table.write({ put: { pk: 'p', sk: 'read by nobody' } });
  await table.write({ put: { pk: 'p', sk: 'the last is never removed' } });
  opened.store.close();
  await opened.world.advance(3 * DAY_MS);
  const { changes } = opened.reopen().table({ name: 'devices', stream: true });
  await opened.world.advance(DAY_MS - 60_000);
  expect(changes?.read(0, 10)).toHaveLength(2);
  await opened.world.advance(6 * 60_000);
  expect(changes?.read(0, 10)).toHaveLength(1);
  await opened.close();
});

test.each([30 * DAY_MS, -30 * DAY_MS])(
  'a clock that jumps by %d ms makes neither messages nor changes older than they are',
  async (byMs) => {
    const { world, store, close } = openStore();
    const { changes, write } = (() => {
      const table = store.table({ name: 'devices', stream: true });
      return { changes: table.changes, write: (sk: string) => table.write({ put: { pk: 'p', sk } }) };
    })();
    const queue = store.queue({ name: 'reports', retentionSeconds: 2 * 86_400 });
    await world.advance(10 * DAY_MS);
    await write('before');
    await write('the last is never removed');
    await queue.send([{ body: 'before' }]);
    world.putClock(byMs);
    await world.advance(60 * 60_000);
    expect(changes?.read(0, 10)).toHaveLength(2);
    expect(await queue.receive(10, 60)).toMatchObject([{ body: 'before' }]);
    await close();
  },
);

test('goes on from the time of the wall when the process begins', async () => {
  const { world, close } = openStore();
  const served = new ServedTime(world);
  const startMs = world.now();
  expect(served.retainedFromMs(1_000)).toBe(Number.NEGATIVE_INFINITY);
  await world.advance(5_000);
  expect(served.retainedFromMs(1_000)).toBe(startMs + 4_000);
  await close();
});
