import { expect, test } from '@jest/globals';
import { openStore } from '#host/testing/open-store.ts';
import { FleetChangeStore } from './fleet-change-store.ts';

test('what one instance relies on as noted is not put back by another whose clock is two seconds behind', async () => {
  const opened = openStore();
  try {
    const table = opened.store.table({ name: 'rollouts' });
    const [one, behind] = [new FleetChangeStore(table), new FleetChangeStore(table)];
    const startMs = opened.world.now();
    await one.note('acme', 'cam', startMs);
    await behind.note('acme', 'cam', startMs - 2_000);
    for (const afterMs of [10_000, 29_999, 30_000, 59_999]) {
      await one.note('acme', 'cam', startMs + afterMs);
      const { untilMs } = await one.changes('acme', 'cam', startMs + afterMs);
      expect(untilMs).toBeGreaterThan(startMs + afterMs);
    }
  } finally {
    await opened.close();
  }
});

test('what was noted by a clock that has been put back since keeps no later change from being noted', async () => {
  const opened = openStore();
  try {
    const store = new FleetChangeStore(opened.store.table({ name: 'rollouts' }));
    const nowMs = opened.world.now();
    await store.note('acme', 'cam', nowMs + 3_600_000);
    await store.note('acme', 'cam', nowMs);
    const { untilMs } = await store.changes('acme', 'cam', nowMs);
    expect(untilMs).toBeGreaterThan(nowMs);
    expect(untilMs).toBeLessThan(nowMs + 60_000);
  } finally {
    await opened.close();
  }
});

test('what was noted by a clock that has been put back since is a change until now, once and for all', async () => {
  const opened = openStore();
  try {
    const store = new FleetChangeStore(opened.store.table({ name: 'rollouts' }));
    const nowMs = opened.world.now();
    await store.note('acme', 'cam', nowMs + 3_600_000);
    expect(await store.changes('acme', 'cam', nowMs)).toMatchObject({ untilMs: nowMs });
    expect(await store.changes('acme', 'cam', nowMs + 60_000)).toMatchObject({ untilMs: nowMs });
  } finally {
    await opened.close();
  }
});
