import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Queue } from '../queue.ts';

/** A message as a consumer sees it. */
export interface Delivery {
  readonly receiptHandle: string;
  readonly body: string;
  readonly receiveCount: number;
  readonly sentAtMs: number;
}

/** A new, empty queue for one test, with a dead-letter queue after three receipts. */
export interface OpenQueue {
  readonly queue: Queue;
  /** What is receivable now, at most `max`, hidden from others for that long. */
  receive(max: number, visibilityTimeoutSeconds: number): Promise<readonly Delivery[]>;
  remove(receiptHandles: readonly string[]): Promise<void>;
  release(receiptHandles: readonly string[], delaySeconds: number): Promise<void>;
  /** Bodies of all messages in the dead-letter queue. */
  deadLetters(): Promise<readonly string[]>;
  /** Sends all dead letters back; answers how many. */
  redrive(): Promise<number>;
  now(): number;
  elapse(durationMs: number): Promise<void>;
  close(): Promise<void>;
}

/** What every implementation of `Queue`, with what receives from it, must do; `open` is called before each test. */
export function describeQueue(name: string, open: () => Promise<OpenQueue>): void {
  describe(`${name} as a queue`, () => {
    let opened: OpenQueue;
    let queue: Queue;
    beforeEach(async () => {
      opened = await open();
      queue = opened.queue;
    });
    afterEach(() => opened.close());

    const send = async (...bodies: readonly string[]) => {
      expect(await queue.send(bodies.map((body) => ({ body })))).toEqual({ failed: [] });
    };
    const bodies = (deliveries: readonly Delivery[]) => deliveries.map(({ body }) => body).sort();
    const one = async (): Promise<Delivery> => {
      const [delivery] = await opened.receive(1, 30);
      if (delivery === undefined) throw new Error('nothing to receive');
      return delivery;
    };

    test('delivers each message with its text, when it was sent and that it is the first time', async () => {
      const sentAtMs = opened.now();
      await send('{"a":"ä\u{1F6A2}"}', 'b');
      await opened.elapse(5_000);
      const deliveries = await opened.receive(10, 30);
      expect(bodies(deliveries)).toEqual(['b', '{"a":"ä\u{1F6A2}"}']);
      for (const delivery of deliveries) expect(delivery).toMatchObject({ receiveCount: 1, sentAtMs });
    });

    test('delivers no more at once than asked for, and nothing when there is nothing', async () => {
      expect(await opened.receive(10, 30)).toEqual([]);
      await send('a', 'b', 'c');
      expect(await opened.receive(2, 30)).toHaveLength(2);
      expect(await opened.receive(2, 30)).toHaveLength(1);
      expect(await opened.receive(2, 30)).toHaveLength(0);
    });

    test('takes many messages at once', async () => {
      const many = Array.from({ length: 250 }, (_, at) => `${at}`);
      await send(...many);
      expect(bodies(await opened.receive(1_000, 30))).toEqual([...many].sort());
    });

    test('hides what was received until its time is out, and then counts the next receipt', async () => {
      await send('a');
      await one();
      await opened.elapse(29_999);
      expect(await opened.receive(1, 30)).toEqual([]);
      await opened.elapse(1);
      expect(await one()).toMatchObject({ body: 'a', receiveCount: 2 });
    });

    test('never delivers again what was removed', async () => {
      await send('a', 'b');
      const [first] = await opened.receive(1, 30);
      await opened.remove([first?.receiptHandle ?? '']);
      await opened.elapse(60_000);
      const rest = await opened.receive(10, 30);
      expect(rest).toHaveLength(1);
      expect(rest[0]?.body).not.toBe(first?.body);
    });

    test('removes by the latest receipt though its time is out, and not by an earlier one', async () => {
      await send('a');
      const first = await one();
      await opened.elapse(30_000);
      const second = await one();
      await opened.remove([first.receiptHandle]);
      await opened.elapse(30_000);
      expect(await queue.backlog()).toMatchObject({ messages: 1 });
      await opened.remove([second.receiptHandle]);
      expect(await queue.backlog()).toEqual({ messages: 0 });
      expect(await opened.receive(1, 30)).toEqual([]);
    });

    test('delivers what was given back at once or when told, and not by an earlier receipt', async () => {
      await send('a');
      const first = await one();
      await opened.release([first.receiptHandle], 0);
      const second = await one();
      await opened.release([first.receiptHandle], 0);
      expect(await opened.receive(1, 30)).toEqual([]);
      await opened.release([second.receiptHandle], 60);
      await opened.elapse(59_999);
      expect(await opened.receive(1, 30)).toEqual([]);
      await opened.elapse(1);
      expect(await one()).toMatchObject({ receiveCount: 3 });
    });

    test('holds back what was given back for later, though the others of its batch come again', async () => {
      await send('a', 'b');
      const [first] = await opened.receive(2, 30);
      await opened.release([first?.receiptHandle ?? ''], 60);
      await opened.elapse(30_000);
      expect(await opened.receive(2, 300)).toHaveLength(1);
      await opened.elapse(30_000);
      expect(bodies(await opened.receive(2, 30))).toEqual([first?.body]);
    });

    test('holds a delayed message back', async () => {
      await queue.send([
        { body: 'late', delaySeconds: 900 },
        { body: 'soon', delaySeconds: 1 },
        { body: 'now' },
      ]);
      expect(bodies(await opened.receive(10, 43_200))).toEqual(['now']);
      await opened.elapse(1_000);
      expect(bodies(await opened.receive(10, 43_200))).toEqual(['soon']);
      await opened.elapse(898_999);
      expect(await opened.receive(10, 30)).toEqual([]);
      await opened.elapse(1);
      expect(await one()).toMatchObject({ body: 'late', receiveCount: 1 });
    });

    test('counts everything not removed as backlog, and takes its age from what is not delayed', async () => {
      const startMs = opened.now();
      expect(await queue.backlog()).toEqual({ messages: 0 });
      await queue.send([{ body: 'delayed', delaySeconds: 600 }]);
      expect(await queue.backlog()).toEqual({ messages: 1 });
      await opened.elapse(1_000);
      await send('a');
      await one();
      await opened.elapse(1_000);
      await send('b');
      expect(await queue.backlog()).toEqual({ messages: 3, oldestSentAtMs: startMs + 1_000 });
      await opened.elapse(600_000);
      expect(await queue.backlog()).toEqual({ messages: 3, oldestSentAtMs: startMs });
    });

    test('moves to the dead letters what was received three times and not removed', async () => {
      await send('poison');
      for (const receiveCount of [1, 2, 3]) {
        expect(await one()).toMatchObject({ receiveCount });
        await opened.elapse(30_000);
      }
      expect(await opened.receive(1, 30)).toEqual([]);
      expect(await queue.backlog()).toEqual({ messages: 0 });
      expect(await opened.deadLetters()).toEqual(['poison']);
    });

    test('delivers what is sound though dead letters stand before it', async () => {
      await send('poison');
      for (let receipts = 0; receipts < 3; receipts++) await opened.release([(await one()).receiptHandle], 0);
      await send('sound');
      expect(bodies(await opened.receive(1, 30))).toEqual(['sound']);
    });

    test('delivers dead letters that were sent back, as new messages', async () => {
      await send('poison');
      for (let receipts = 0; receipts < 3; receipts++) await opened.release([(await one()).receiptHandle], 0);
      expect(await opened.receive(1, 30)).toEqual([]);
      await opened.elapse(60_000);
      const sentAtMs = opened.now();
      expect(await opened.redrive()).toBe(1);
      await opened.elapse(1_000);
      expect(await one()).toMatchObject({ body: 'poison', receiveCount: 1, sentAtMs });
      expect(await opened.deadLetters()).toEqual([]);
      expect(await opened.redrive()).toBe(0);
    });

    test('forgets what was not removed within its retention of four days', async () => {
      await send('old');
      await opened.elapse(4 * 24 * 60 * 60 * 1000);
      expect(await opened.receive(10, 30)).toEqual([]);
    });

    test('takes 256 KB and refuses what SQS would refuse, taking nothing of that call', async () => {
      const largest = 'ä'.repeat(128 * 1024);
      for (const wrong of [
        { body: '' },
        { body: `${largest}x` },
        { body: 'a', delaySeconds: 901 },
        { body: 'a', delaySeconds: -1 },
        { body: 'a', delaySeconds: 0.5 },
      ]) {
        await expect(queue.send([{ body: 'sound' }, wrong])).rejects.toThrow(RefusedError);
      }
      expect(await queue.backlog()).toEqual({ messages: 0 });
      await send(largest);
      expect(await one()).toMatchObject({ body: largest });
    });
  });
}
