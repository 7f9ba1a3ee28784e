import { expect, test } from '@jest/globals';
import { describeBus, type HandedEvent } from '#shared/capabilities/conformance/bus.suite.ts';
import { describeQueue } from '#shared/capabilities/conformance/queue.suite.ts';
import { describeQueueDelivery } from '#shared/capabilities/conformance/queue-delivery.suite.ts';
import { sendAll } from '#shared/capabilities/conformance/queue-subject.ts';
import { compilePattern } from '../events/pattern.ts';
import { openQueue } from './open-queue.ts';
import { openStore } from './open-store.ts';
import { strictBus } from './strict-bus.ts';
import { strictQueue } from './strict-queue.ts';

const CALM = { unacceptedRate: 0, duplicateRate: 0, postponeRate: 0 };

const openCalm = () => openQueue((queue, world) => strictQueue(queue, { world, ...CALM }));
describeQueue('A strict queue whose rates are 0', openCalm);
describeQueueDelivery('A strict queue whose rates are 0', openCalm);

describeBus('A strict bus whose rates are 0', async () => {
  const { store, world, close } = openStore();
  let rules = 0;
  return {
    bus: strictBus(store.bus, { world, unacceptedRate: 0, duplicateRate: 0 }),
    subscribe: async (pattern) => {
      const queue = store.bus.subscribe(`rule-${rules++}`, compilePattern(pattern));
      return async () => (await queue.receive(1_000, 30)).map(({ body }) => JSON.parse(body) as HandedEvent);
    },
    close,
  };
});

test('a strict queue loses nothing, delivers out of order and some twice, announcing each', async () => {
  const { store, world, close } = openStore();
  const inner = store.queue({ name: 'work' });
  const queue = strictQueue(inner, { world });
  const delivered: string[] = [];
  let isAnnounced = false;
  queue.onArrival(() => {
    isAnnounced = true;
  });
  const bodies = Array.from({ length: 200 }, (_, at) => String(at).padStart(3, '0'));
  await sendAll(queue, ...bodies);
  for (let rounds = 0; rounds < 100; rounds++) {
    while (isAnnounced) {
      isAnnounced = false;
      for (;;) {
        const received = await queue.receive(10, 300);
        if (received.length === 0) break;
        delivered.push(...received.map(({ body }) => body));
        await queue.remove(received.map(({ receiptHandle }) => receiptHandle));
        await queue.release([received[0]?.receiptHandle ?? ''], 0);
      }
    }
    await world.advance(1_000);
  }
  expect([...new Set(delivered)].toSorted()).toEqual(bodies);
  expect(delivered.length).toBeGreaterThan(205);
  expect(delivered.slice(0, 50)).not.toEqual(bodies.slice(0, 50));
  expect(await inner.unread()).toEqual({ messages: 0 });
  await close();
});

test('a strict bus names what it did not take, and hands some of the rest over twice', async () => {
  const { store, world, close } = openStore();
  const bus = strictBus(store.bus, { world, unacceptedRate: 0.3, duplicateRate: 0.3 });
  const queue = store.bus.subscribe('all', compilePattern({ source: ['s'] }));
  const events = Array.from({ length: 100 }, (_, at) => ({
    id: `${at}`,
    source: 's',
    type: 'T',
    detail: {},
  }));
  const { failed } = await bus.publish(events);
  const handed = (await queue.receive(1_000, 30)).map(({ body }) =>
    Number((JSON.parse(body) as { id: string }).id),
  );
  expect(failed.length).toBeGreaterThan(0);
  expect(new Set([...handed, ...failed]).size).toBe(100);
  expect(handed.filter((id) => failed.includes(id))).toEqual([]);
  expect(handed.length).toBeGreaterThan(100 - failed.length);
  await close();
});
