import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Queue } from '../queue.ts';
import { bodiesOf, type OpenTimedQueue, receiveOne, sendAll } from './queue-subject.ts';

/** What every queue must do as time passes: hide, deliver again, delay, give up and forget; `open` is called before each test. */
export function describeQueueDelivery(name: string, open: () => Promise<OpenTimedQueue>): void {
  describe(`${name} delivering as time passes`, () => {
    let opened: OpenTimedQueue;
    let queue: Queue;
    beforeEach(async () => {
      opened = await open();
      queue = opened.queue;
    });
    afterEach(() => opened.close());

    test('delivers each message with its text, when it was sent and that it is the first time', async () => {
      const sentAtMs = opened.now();
      await sendAll(queue, '{"a":"ä\u{1F6A2}"}', 'b');
      await opened.elapse(5_000);
      const deliveries = await opened.receive(10, 30);
      expect(bodiesOf(deliveries)).toEqual(['b', '{"a":"ä\u{1F6A2}"}']);
      for (const delivery of deliveries) expect(delivery).toMatchObject({ receiveCount: 1, sentAtMs });
    });

    test('hides what was received until its time is out, and then counts the next receipt', async () => {
      await sendAll(queue, 'a');
      await receiveOne(opened);
      await opened.elapse(29_999);
      expect(await opened.receive(1, 30)).toEqual([]);
      await opened.elapse(1);
      expect(await receiveOne(opened)).toMatchObject({ body: 'a', receiveCount: 2 });
    });

    test('never delivers again what was removed', async () => {
      await sendAll(queue, 'a', 'b');
      const [first] = await opened.receive(1, 30);
      await opened.remove([first?.receiptHandle ?? '']);
      await opened.elapse(60_000);
      const rest = await opened.receive(10, 30);
      expect(rest).toHaveLength(1);
      expect(rest[0]?.body).not.toBe(first?.body);
    });

    test('removes by the latest receipt though its time is out, and not by an earlier one', async () => {
      await sendAll(queue, 'a');
      const first = await receiveOne(opened);
      await opened.elapse(30_000);
      const second = await receiveOne(opened);
      await opened.remove([first.receiptHandle]);
      await opened.elapse(30_000);
      expect(await opened.backlog.unread()).toMatchObject({ messages: 1 });
      await opened.remove([second.receiptHandle]);
      expect(await opened.backlog.unread()).toEqual({ messages: 0 });
      expect(await opened.receive(1, 30)).toEqual([]);
    });

    test('delivers what was given back at once or when told, and not by an earlier receipt', async () => {
      await sendAll(queue, 'a');
      const first = await receiveOne(opened);
      await opened.release([first.receiptHandle], 0);
      const second = await receiveOne(opened);
      await opened.release([first.receiptHandle], 0);
      expect(await opened.receive(1, 30)).toEqual([]);
      await opened.release([second.receiptHandle], 60);
      await opened.elapse(59_999);
      expect(await opened.receive(1, 30)).toEqual([]);
      await opened.elapse(1);
      expect(await receiveOne(opened)).toMatchObject({ receiveCount: 3 });
    });

    test('holds back what was given back for later, though the others of its batch come again', async () => {
      await sendAll(queue, 'a', 'b');
      const [first] = await opened.receive(2, 30);
      await opened.release([first?.receiptHandle ?? ''], 60);
      await opened.elapse(30_000);
      expect(await opened.receive(2, 300)).toHaveLength(1);
      await opened.elapse(30_000);
      expect(bodiesOf(await opened.receive(2, 30))).toEqual([first?.body]);
    });

    test('holds a delayed message back', async () => {
      await queue.send([
        { body: 'late', delaySeconds: 900 },
        { body: 'soon', delaySeconds: 1 },
        { body: 'now' },
      ]);
      expect(bodiesOf(await opened.receive(10, 43_200))).toEqual(['now']);
      await opened.elapse(1_000);
      expect(bodiesOf(await opened.receive(10, 43_200))).toEqual(['soon']);
      await opened.elapse(898_999);
      expect(await opened.receive(10, 30)).toEqual([]);
      await opened.elapse(1);
      expect(await receiveOne(opened)).toMatchObject({ body: 'late', receiveCount: 1 });
    });

    test('counts everything not removed as backlog, and takes its age from what is not delayed', async () => {
      const startMs = opened.now();
      expect(await opened.backlog.unread()).toEqual({ messages: 0 });
      await queue.send([{ body: 'delayed', delaySeconds: 600 }]);
      expect(await opened.backlog.unread()).toEqual({ messages: 1 });
      await opened.elapse(1_000);
      await sendAll(queue, 'a');
      await receiveOne(opened);
      await opened.elapse(1_000);
      await sendAll(queue, 'b');
      expect(await opened.backlog.unread()).toEqual({
        messages: 3,
        oldestSentAtMs: startMs + 1_000,
        oldestAgeMs: 1_000,
      });
      await opened.elapse(600_000);
      expect(await opened.backlog.unread()).toEqual({
        messages: 3,
        oldestSentAtMs: startMs,
        oldestAgeMs: 602_000,
      });
    });

    test('moves to the dead letters what was received three times and not removed', async () => {
      await sendAll(queue, 'poison');
      for (const receiveCount of [1, 2, 3]) {
        expect(await receiveOne(opened)).toMatchObject({ receiveCount });
        await opened.elapse(30_000);
      }
      expect(await opened.receive(1, 30)).toEqual([]);
      expect(await opened.backlog.unread()).toEqual({ messages: 0 });
      expect(await opened.deadLetters()).toEqual(['poison']);
    });

    test('delivers what is sound though dead letters stand before it', async () => {
      await sendAll(queue, 'poison');
      for (let receipts = 0; receipts < 3; receipts++)
        await opened.release([(await receiveOne(opened)).receiptHandle], 0);
      await sendAll(queue, 'sound');
      expect(bodiesOf(await opened.receive(1, 30))).toEqual(['sound']);
    });

    test('delivers dead letters that were sent back, as new messages', async () => {
      await sendAll(queue, 'poison');
      for (let receipts = 0; receipts < 3; receipts++)
        await opened.release([(await receiveOne(opened)).receiptHandle], 0);
      expect(await opened.receive(1, 30)).toEqual([]);
      await opened.elapse(60_000);
      const sentAtMs = opened.now();
      expect(await opened.redrive()).toBe(1);
      await opened.elapse(1_000);
      expect(await receiveOne(opened)).toMatchObject({ body: 'poison', receiveCount: 1, sentAtMs });
      expect(await opened.deadLetters()).toEqual([]);
      expect(await opened.redrive()).toBe(0);
    });

    test('forgets what was not removed within its retention of four days', async () => {
      await sendAll(queue, 'old');
      await opened.elapse(4 * 24 * 60 * 60 * 1000);
      expect(await opened.receive(10, 30)).toEqual([]);
    });
  });
}
