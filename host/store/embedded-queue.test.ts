import { expect, test } from '@jest/globals';
import { describeQueue } from '#shared/capabilities/conformance/queue.suite.ts';
import { describeQueueDelivery } from '#shared/capabilities/conformance/queue-delivery.suite.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { openQueue, openQueues } from '../testing/open-queue.ts';
import { openStore } from '../testing/open-store.ts';
import { EmbeddedStore } from './embedded-store.ts';

const DAY_MS = 86_400_000;

describeQueue('EmbeddedQueue', () => openQueue());
describeQueueDelivery('EmbeddedQueue', () => openQueue());

test('has everything receivable at once after a restart, with its count, but what is delayed', async () => {
  const opened = openStore();
  const { queue } = openQueues(opened.store);
  await queue.send([{ body: 'held' }, { body: 'delayed', delaySeconds: 60 }, { body: 'waiting' }]);
  await queue.receive(1, 600);
  const { queue: again } = openQueues(opened.reopen());
  const received = await again.receive(10, 600);
  expect(received.map(({ body, receiveCount }) => [body, receiveCount])).toEqual([
    ['held', 2],
    ['waiting', 1],
  ]);
  await opened.world.advance(60_000);
  expect(await again.receive(10, 600)).toMatchObject([{ body: 'delayed', receiveCount: 1 }]);
  await opened.close();
});

test('delivers at once after a restart what was delayed until before it', async () => {
  const opened = openStore();
  await openQueues(opened.store).queue.send([{ body: 'delayed', delaySeconds: 60 }]);
  opened.store.close();
  await opened.world.advance(61_000);
  const { queue } = openQueues(opened.reopen());
  expect(await queue.receive(10, 600)).toMatchObject([{ body: 'delayed' }]);
  await opened.close();
});

test('delays nothing longer than it was to be, when the clock was put back while the host was off', async () => {
  const opened = openStore();
  await openQueues(opened.store).queue.send([{ body: 'delayed', delaySeconds: 60 }]);
  await opened.world.advance(50_000);
  opened.store.close();
  opened.world.putClock(-DAY_MS);
  const { queue } = openQueues(opened.reopen());
  await opened.world.advance(59_000);
  expect(await queue.receive(10, 600)).toEqual([]);
  await opened.world.advance(1_000);
  expect(await queue.receive(10, 600)).toMatchObject([{ body: 'delayed' }]);
  await opened.close();
});

test('tells no later time than that of its oldest message, when the clock was put back, also after a restart', async () => {
  const opened = openStore();
  const { queue } = openQueues(opened.store);
  await queue.send([{ body: 'by the clock ahead' }]);
  opened.world.putClock(-DAY_MS);
  const sentAtMs = opened.world.now();
  await queue.send([{ body: 'by the clock put back' }]);
  await opened.world.advance(5_000);
  await queue.send([{ body: 'later' }]);
  expect(await queue.unread()).toEqual({ messages: 3, oldestSentAtMs: sentAtMs, oldestAgeMs: 5_000 });
  opened.store.close();
  const { queue: again } = openQueues(opened.reopen());
  expect(await again.unread()).toMatchObject({ oldestSentAtMs: sentAtMs });
  const [ahead, back] = await again.receive(2, 600);
  await again.remove([ahead?.receiptHandle ?? '', back?.receiptHandle ?? '']);
  expect(await again.unread()).toMatchObject({ messages: 1, oldestSentAtMs: sentAtMs + 5_000 });
  again.close();
  opened.world.putClock(-DAY_MS);
  const { queue: last } = openQueues(opened.reopen());
  await last.send([{ body: 'by the clock put back once more' }]);
  expect(await last.unread()).toMatchObject({ oldestSentAtMs: opened.world.now() });
  await opened.close();
});

test('does not take a receipt from before a restart, or of an emptied queue, for that of a new message', async () => {
  const opened = openStore();
  const { queue } = openQueues(opened.store);
  await queue.send([{ body: 'first' }]);
  const [first] = await queue.receive(1, 30);
  await queue.remove([first?.receiptHandle ?? '']);
  await opened.world.advance(1);
  const { queue: again } = openQueues(opened.reopen());
  await again.send([{ body: 'second' }]);
  await again.receive(1, 30);
  await again.remove([first?.receiptHandle ?? '']);
  expect(await again.unread()).toMatchObject({ messages: 1 });
  await opened.close();
});

test('announces arrivals after the commit that makes them last, and returns when their time is out', async () => {
  const opened = openStore();
  const { queue } = openQueues(opened.store);
  const announced: string[] = [];
  const stop = queue.onArrival(() => announced.push(`at ${opened.world.monotonicMs()}`));
  const sending = queue.send([{ body: 'a' }, { body: 'b' }]);
  const more = queue.send([{ body: 'c' }, { body: 'd', delaySeconds: 5 }]);
  expect(announced).toEqual([]);
  await sending;
  await more;
  expect(announced).toEqual(['at 0']);
  const received = await queue.receive(10, 30);
  await queue.release([received[0]?.receiptHandle ?? ''], 0);
  await opened.world.advance(60_000);
  expect(announced).toEqual(['at 0', 'at 0', 'at 5000', 'at 30000']);
  stop();
  await queue.send([{ body: 'e' }]);
  expect(announced).toHaveLength(4);
  await opened.close();
});

test('hands a message over only once the disk knows how often it was received', async () => {
  const world = new VirtualWorld();
  const store = new EmbeddedStore({ world, onFatal: (error) => expect(error).toBeUndefined() });
  const queue = store.queue({ name: 'work' });
  void queue.send([{ body: 'a' }]);
  await world.settle();
  const received: unknown[] = [];
  void queue.receive(1, 30).then((messages) => received.push(...messages));
  await new Promise((resolve) => setImmediate(resolve));
  expect(received).toEqual([]);
  await world.settle();
  expect(received).toHaveLength(1);
  store.close();
});

test('keeps what waited while nobody could read it, however long the machine was off', async () => {
  const opened = openStore();
  await openQueues(opened.store).queue.send([{ body: 'accepted' }]);
  opened.store.close();
  await opened.world.advance(30 * DAY_MS);
  const { queue } = openQueues(opened.reopen());
  expect(queue.removeOutdated(100)).toBe(0);
  await opened.world.advance(DAY_MS);
  expect(await queue.receive(10, 600)).toMatchObject([{ body: 'accepted' }]);
  await opened.close();
});

test('delivers nothing that is past its retention', async () => {
  const { store, world, close } = openStore();
  const queue = store.queue({ name: 'short', retentionSeconds: 60 });
  await queue.send([{ body: 'old' }]);
  await world.advance(30_000);
  await queue.send([{ body: 'young' }]);
  await world.advance(30_000);
  expect(await queue.receive(10, 30)).toMatchObject([{ body: 'young' }]);
  expect(await queue.unread()).toMatchObject({ messages: 1 });
  await close();
});

test('removes what is past its retention though nobody receives', async () => {
  const opened = openStore();
  const queue = opened.store.queue({ name: 'short', retentionSeconds: 60 });
  await queue.send(Array.from({ length: 1_200 }, (_, at) => ({ body: `${at}` })));
  await opened.world.advance(4.5 * 60_000);
  await queue.send([{ body: 'young' }]);
  await opened.world.advance(0.5 * 60_000);
  expect(await queue.unread()).toMatchObject({ messages: 1 });
  await opened.close();
});
