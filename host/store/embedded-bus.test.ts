import { expect, test } from '@jest/globals';
import { describeBus, type HandedEvent } from '#shared/capabilities/conformance/bus.suite.ts';
import { compilePattern } from '../events/pattern.ts';
import { openStore } from '../testing/open-store.ts';
import type { EmbeddedQueue } from './embedded-queue.ts';

async function handed(queue: EmbeddedQueue): Promise<HandedEvent[]> {
  const received = await queue.receive(1_000, 43_200);
  return received.map(({ body }) => JSON.parse(body) as HandedEvent);
}

describeBus('EmbeddedBus', async () => {
  const { store, close } = openStore();
  let rules = 0;
  return {
    bus: store.bus,
    subscribe: async (pattern) => {
      const queue = store.bus.subscribe(`rule-${rules++}`, compilePattern(pattern));
      return () => handed(queue);
    },
    close,
  };
});

test('keeps for each rule what it has not handled, also through a restart', async () => {
  const opened = openStore();
  const matches = compilePattern({ source: ['s'] });
  const first = opened.store.bus.subscribe('first', matches);
  opened.store.bus.subscribe('second', matches);
  await opened.store.bus.publish([{ id: '1', source: 's', type: 'T', detail: {} }]);
  const [delivery] = await first.receive(1, 30);
  await first.remove([delivery?.receiptHandle ?? '']);
  const { bus } = opened.reopen();
  expect(await handed(bus.subscribe('first', matches))).toEqual([]);
  expect(await handed(bus.subscribe('second', matches))).toHaveLength(1);
  await opened.close();
});

test('hands over an event in the shape of EventBridge', async () => {
  const opened = openStore();
  const queue = opened.store.bus.subscribe('all', compilePattern({ 'detail-type': ['T'] }));
  await opened.store.bus.publish([{ id: '1', source: 's', type: 'T', detail: { a: 1 } }]);
  expect(await handed(queue)).toEqual([
    {
      version: '0',
      id: '1',
      source: 's',
      'detail-type': 'T',
      account: '000000000000',
      region: 'local',
      resources: [],
      time: '2026-01-01T00:00:00Z',
      detail: { a: 1 },
    },
  ]);
  await opened.close();
});
