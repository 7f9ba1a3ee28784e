import { describe, expect, it } from '@jest/globals';
import type { SqsEvent } from '#shared/lambda/sqs.ts';
import { pause } from '#shared/world/world.ts';
import { triggerHome } from '../testing/trigger-home.ts';
import { QueueTrigger, type QueueTriggerOptions } from './queue-trigger.ts';

const QUEUE_ARN = 'arn:aws:sqs:local:000000000000:work';

function workQueue(
  serve: (event: SqsEvent) => Promise<unknown>,
  options: Partial<QueueTriggerOptions> = {},
  timersRunEarlyByMs = 0,
) {
  const home = triggerHome();
  const { world } = home;
  const dead = home.store.queue({ name: 'work-dead' });
  const queue = home.store.queue({
    name: 'work',
    redrive: { deadLetterQueue: 'work-dead', maxReceiveCount: 3 },
  });
  const trigger = new QueueTrigger(
    {
      queue,
      pool: home.pool(serve),
      world: {
        monotonicMs: () => world.monotonicMs(),
        after: (delayMs, run) => world.after(delayMs - timersRunEarlyByMs, run),
      },
      log: home.log,
    },
    {
      queueArn: QUEUE_ARN,
      batchSize: 10,
      batchingWindowSeconds: 0,
      maximumConcurrency: 2,
      visibilityTimeoutSeconds: 60,
      reportsItemFailures: true,
      ...options,
    },
  );
  const send = (...bodies: string[]) => home.done(queue.send(bodies.map((body) => ({ body }))));
  return { ...home, queue, dead, trigger, send };
}

const bodiesOf = (event: SqsEvent) => event.Records.map((record) => record.body);

describe('a queue that feeds a function', () => {
  it('hands over what was there before it started and what comes later, and deletes it', async () => {
    const seen: string[][] = [];
    const { queue, trigger, send, world } = workQueue(async (event) => {
      seen.push(bodiesOf(event));
    });
    await send('early');
    trigger.start();
    await world.settle();
    await send('late 1', 'late 2');
    expect(seen).toEqual([['early'], ['late 1', 'late 2']]);
    expect(await queue.unread()).toEqual({ messages: 0 });
  });

  it('brings a record that failed again after the visibility timeout, and no other', async () => {
    const seen: string[][] = [];
    const { queue, trigger, send, world } = workQueue(async (event) => {
      seen.push(bodiesOf(event));
      const bad = event.Records.filter((record) => record.body === 'bad' && seen.length === 1);
      return { batchItemFailures: bad.map((record) => ({ itemIdentifier: record.messageId })) };
    });
    trigger.start();
    await send('good', 'bad');
    expect(seen).toEqual([['good', 'bad']]);
    await world.advance(59_000);
    expect(seen).toHaveLength(1);
    await world.advance(1_000);
    expect(seen).toEqual([['good', 'bad'], ['bad']]);
    expect(await queue.unread()).toEqual({ messages: 0 });
  });

  it('sends to the dead-letter queue what was received too often', async () => {
    let received = 0;
    const { queue, dead, trigger, send, world } = workQueue(async (event) => {
      received += 1;
      expect(event.Records[0]?.attributes.ApproximateReceiveCount).toBe(String(received));
      throw new Error('always');
    });
    trigger.start();
    await send('poison');
    await world.advance(200_000);
    expect(received).toBe(3);
    expect((await queue.unread()).messages).toBe(0);
    expect((await dead.unread()).messages).toBe(1);
  });

  it('fails the whole batch when the answer names a record that was not in it', async () => {
    let received = 0;
    const { trigger, send, world } = workQueue(async () => {
      received += 1;
      return received === 1 ? { batchItemFailures: [{ itemIdentifier: 'somebody else' }] } : undefined;
    });
    trigger.start();
    await send('a', 'b');
    await world.advance(60_000);
    expect(received).toBe(2);
  });

  it('gathers a batch until it is full or its window ends', async () => {
    const sizes: number[] = [];
    const { trigger, send, world } = workQueue(
      async (event) => {
        sizes.push(event.Records.length);
      },
      { batchSize: 3, batchingWindowSeconds: 5 },
    );
    trigger.start();
    await send('1');
    await world.advance(4_000);
    expect(sizes).toEqual([]);
    await send('2', '3');
    expect(sizes).toEqual([3]);
    await send('4');
    await world.advance(5_000);
    expect(sizes).toEqual([3, 1]);
  });

  it('delivers at the end of the window although a timer may run a moment early', async () => {
    const sizes: number[] = [];
    const { trigger, send, world } = workQueue(
      async (event) => {
        sizes.push(event.Records.length);
      },
      { batchingWindowSeconds: 5 },
      1,
    );
    trigger.start();
    await send('1');
    await world.advance(5_000);
    expect(sizes).toEqual([1]);
  });

  it('runs no more batches at the same time than its maximum concurrency', async () => {
    let running = 0;
    let most = 0;
    let handled = 0;
    const { trigger, send, world } = workQueue(
      async (event) => {
        running += 1;
        most = Math.max(most, running);
        await pause(world, 1_000);
        running -= 1;
        handled += event.Records.length;
      },
      { batchSize: 1 },
    );
    trigger.start();
    await send('1', '2', '3', '4', '5');
    await world.advance(3_000);
    expect(most).toBe(2);
    expect(handled).toBe(5);
  });

  it('stops once what runs has ended, and gives back what it had gathered', async () => {
    let ended = false;
    const { queue, trigger, send, world } = workQueue(
      async () => {
        await pause(world, 1_000);
        ended = true;
      },
      { batchSize: 2, batchingWindowSeconds: 60, maximumConcurrency: 2 },
    );
    trigger.start();
    await send('1', '2', '3');
    const stopped = trigger.stop();
    await world.advance(1_000);
    await stopped;
    expect(ended).toBe(true);
    const left = queue.receive(10, 60);
    await world.settle();
    expect((await left).map((message) => message.body)).toEqual(['3']);
  });
});
