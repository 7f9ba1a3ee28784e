import type { OpenTimedQueue } from '#shared/capabilities/conformance/queue-subject.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { World } from '#shared/world/world.ts';
import type { EmbeddedQueue } from '../store/embedded-queue.ts';
import type { EmbeddedStore } from '../store/embedded-store.ts';
import type { QueueSource } from '../store/queue-source.ts';
import { openStore } from './open-store.ts';

/** Opens the queues `work` and `dead`, where messages of `work` go after three receipts. */
export function openQueues(store: EmbeddedStore): {
  readonly dead: EmbeddedQueue;
  readonly queue: EmbeddedQueue;
} {
  const dead = store.queue({ name: 'dead' });
  const queue = store.queue({ name: 'work', redrive: { deadLetterQueue: 'dead', maxReceiveCount: 3 } });
  return { dead, queue };
}

/** An embedded queue, or what `decorate` makes of it, for the conformance suites. */
export async function openQueue(
  decorate: (queue: EmbeddedQueue, world: World) => Queue & QueueSource = (queue) => queue,
): Promise<OpenTimedQueue> {
  const { store, world, close } = openStore();
  const { dead, queue: inner } = openQueues(store);
  const queue = decorate(inner, world);
  return {
    queue,
    backlog: inner,
    receive: (max, visibilityTimeoutSeconds) => queue.receive(max, visibilityTimeoutSeconds),
    remove: (handles) => queue.remove(handles),
    release: (handles, delaySeconds) => queue.release(handles, delaySeconds),
    deadLetters: async () => {
      const letters = await dead.receive(1_000, 1);
      await dead.release(
        letters.map(({ receiptHandle }) => receiptHandle),
        0,
      );
      return letters.map(({ body }) => body);
    },
    redrive: () => store.redrive(dead),
    now: () => world.now(),
    elapse: (durationMs) => world.advance(durationMs),
    close,
  };
}
