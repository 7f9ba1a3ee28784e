import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import { messageText } from '../message-text.ts';
import type { Queue } from '../queue.ts';
import { bodiesOf, type OpenQueue, receiveOne, sendAll } from './queue-subject.ts';

/** What every implementation of `Queue` must do, whatever its clock; `open` is called before each test. */
export function describeQueue(name: string, open: () => Promise<OpenQueue>): void {
  describe(`${name} as a queue`, () => {
    let opened: OpenQueue;
    let queue: Queue;
    beforeEach(async () => {
      opened = await open();
      queue = opened.queue;
    });
    afterEach(() => opened.close());

    test('delivers no more at once than asked for, and nothing when there is nothing', async () => {
      expect(await opened.receive(10, 30)).toEqual([]);
      await sendAll(queue, 'a', 'b', 'c');
      expect(await opened.receive(2, 30)).toHaveLength(2);
      expect(await opened.receive(2, 30)).toHaveLength(1);
      expect(await opened.receive(2, 30)).toHaveLength(0);
    });

    test('takes many messages at once', async () => {
      const many = Array.from({ length: 250 }, (_, at) => `${at}`);
      await sendAll(queue, ...many);
      expect(bodiesOf(await opened.receive(1_000, 30))).toEqual([...many].sort());
    });

    test('takes 256 KB and refuses what SQS would refuse, taking nothing of that call', async () => {
      const largest = 'ä'.repeat(128 * 1024);
      for (const wrong of [
        { body: '' },
        { body: `${largest}x` },
        { body: '{"a":"\uffff"}' },
        { body: '{"a":"\ufffe"}' },
        { body: '\u0000' },
        { body: '\u001f' },
        { body: 'half a pair: \ud83d' },
        { body: 'a', delaySeconds: 901 },
        { body: 'a', delaySeconds: -1 },
        { body: 'a', delaySeconds: 0.5 },
      ]) {
        await expect(queue.send([{ body: 'sound' }, wrong])).rejects.toThrow(RefusedError);
      }
      expect(await opened.backlog.unread()).toEqual({ messages: 0 });
      await sendAll(queue, largest);
      expect(await receiveOne(opened)).toMatchObject({ body: largest });
    });

    test('takes the JSON of any text', async () => {
      const value = { '\uffff': '\ufffe\u0000\u001f\u007f"\\\ud83d\n\ufffd\ue000' };
      await sendAll(queue, messageText(value));
      const { body } = await receiveOne(opened);
      expect(JSON.parse(body)).toEqual(value);
    });
  });
}
