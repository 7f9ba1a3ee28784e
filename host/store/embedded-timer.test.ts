import { expect, test } from '@jest/globals';
import { describeTimer } from '#shared/capabilities/conformance/timer.suite.ts';
import { openStore } from '../testing/open-store.ts';
import type { EmbeddedStore } from './embedded-store.ts';

function openTimer(store: EmbeddedStore) {
  const queue = store.queue({ name: 'wakes' });
  const timer = store.timer('wakes', queue);
  const arrived = async () => {
    const received = await queue.receive(10_000, 43_200);
    return received.map(({ body }) => body);
  };
  return { timer, arrived };
}

describeTimer('EmbeddedTimer', async () => {
  const { store, world, close } = openStore();
  return {
    ...openTimer(store),
    now: () => world.now(),
    elapse: (durationMs) => world.advance(durationMs),
    close,
  };
});

test('goes on after a restart, and sends at once what fell due in between', async () => {
  const opened = openStore();
  const { timer } = openTimer(opened.store);
  await timer.set('due', opened.world.now() + 1_000, 'due');
  await timer.set('later', opened.world.now() + 5_000, 'later');
  opened.store.close();
  await opened.world.advance(2_000);
  const { arrived } = openTimer(opened.reopen());
  await opened.world.advance(0);
  expect(await arrived()).toEqual(['due']);
  await opened.world.advance(3_000);
  expect(await arrived()).toEqual(['later']);
  await opened.close();
});

test('sends a crowd of timers that fall due together, each once', async () => {
  const opened = openStore();
  const { timer, arrived } = openTimer(opened.store);
  const bodies = Array.from({ length: 1_234 }, (_, at) => `${at}`);
  await Promise.all(bodies.map((body) => timer.set(body, opened.world.now() + 1_000, body)));
  await opened.world.advance(1_000);
  expect((await arrived()).toSorted()).toEqual(bodies.toSorted());
  await opened.close();
});
